"""A cluster that somebody else keeps, named by its context."""

import os
from pathlib import Path

from local import tools
from local.commands import run
from local.errors import LocalError


def context() -> str:
    """The context that is handed in with `KUBECONTEXT`; empty for none."""
    return os.environ.get("KUBECONTEXT", "")


def up(own: Path) -> None:
    """Only looks whether it answers. `own` is this clone's kubeconfig, which is no source of contexts."""
    kubectl = str(tools.ensure("kubectl"))
    try:
        argv = [kubectl, "--context", context(), "--request-timeout=10s", "get", "--raw", "/readyz"]
        run(argv, env=_source(own), seconds=30)
    except LocalError as error:
        raise LocalError(
            f"the cluster of context {context()!r} (KUBECONTEXT) can't be reached: {error}\n"
            "`kubectl config get-contexts` lists the contexts there are"
        ) from error


def kubeconfig(own: Path) -> str:
    argv = [
        str(tools.ensure("kubectl")),
        "config",
        "view",
        "--minify",
        "--flatten",
        "--context",
        context(),
        "-o",
        "json",
    ]
    return run(argv, env=_source(own))


def _source(own: Path) -> dict[str, str]:
    given = os.environ.get("KUBECONFIG", "")
    # A shell that has sourced this clone's environment still means the user's own contexts.
    return {"KUBECONFIG": str(Path.home() / ".kube" / "config")} if given in {"", str(own)} else {}
