"""Which cluster this machine has: the one handed in, kind's, or the embedded one."""

import os
from dataclasses import dataclass
from pathlib import Path

from local import progress
from local.cluster import addresses, embedded, handed_in, kind
from local.errors import LocalError

PROMETHEUS = "ALYS_PROMETHEUS"
CLUSTER, EMBEDDED = "ALYS_CLUSTER", "embedded"
"""How kind's cluster is left alone, which comes without a Prometheus."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that answers: what it is, how it is reached, and where its images are pushed."""

    what: str
    kubeconfig: str
    registry: str
    prometheus: str
    """The URL of the Prometheus that scrapes its pods; empty where nobody named one."""


def up(own: Path) -> Cluster:
    """Finds or starts it, or refuses with the remedies. `own` is this clone's kubeconfig."""
    registry = os.environ.get("REGISTRY", addresses.REGISTRY)
    prometheus = os.environ.get(PROMETHEUS, "")
    if name := handed_in.context():
        handed_in.up(own)
        return Cluster(
            what=f"context {name}",
            kubeconfig=handed_in.kubeconfig(own),
            registry=registry,
            prometheus=prometheus,
        )
    docker = _no_kind()
    if not docker:
        if kind.ailments():
            with progress.step("starting kind's cluster `alys`", "1 min"):
                kind.up()
        return Cluster(
            what="kind", kubeconfig=kind.kubeconfig(), registry=addresses.REGISTRY, prometheus=prometheus
        )
    if reason := embedded.missing():
        raise LocalError(no_way(docker, reason))
    embedded.up()
    return Cluster(
        what="embedded",
        kubeconfig=embedded.kubeconfig(),
        registry=addresses.REGISTRY,
        prometheus=addresses.PROMETHEUS,
    )


def down() -> None:
    """Ends what `up` may have started here; a cluster handed in is left alone."""
    if name := handed_in.context():
        print(f"context {name} is somebody else's cluster: left as it is")
        return
    if not _no_kind():
        kind.down()
    if not embedded.missing():
        embedded.down()


def ailments(own: Path) -> tuple[str, list[str]]:
    """Which cluster `up` would take, and what is wrong with it."""
    if name := handed_in.context():
        try:
            handed_in.up(own)
        except LocalError as error:
            return f"context {name}", [str(error)]
        return f"context {name}", []
    if not _no_kind():
        return "kind", kind.ailments()
    reason = embedded.missing()
    return "embedded", [reason] if reason else embedded.ailments()


def _no_kind() -> str:
    """Why kind's cluster isn't taken; empty where it is."""
    asked = os.environ.get(CLUSTER, "")
    if asked not in {"", EMBEDDED}:
        raise LocalError(f"{CLUSTER} is {asked!r}: set it to `{EMBEDDED}`, or not at all")
    return f"{CLUSTER} asks for another one" if asked else kind.missing()


def no_way(docker: str, root: str) -> str:
    return (
        f"no cluster can be started here: {docker}, and {root}. One of these helps:\n"
        "  start Docker and install kind (https://kind.sigs.k8s.io), then `make cluster`\n"
        '  become root, for the embedded cluster: `sudo -E env PATH="$PATH" make cluster`\n'
        "  use a cluster you have: `KUBECONTEXT=name REGISTRY=host/path make cluster`"
    )
