"""The Kubernetes context that a stack releases into: found, and seen to answer, before anything is made."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from sections.mistakes import UnusableError

ANSWERS_WITHIN_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class KubeContext:
    """A named context of the user's kubeconfig."""

    name: str
    server: str
    namespace: str | None


def find(name: str) -> KubeContext:
    """Look a context up in the files of KUBECONFIG, the first that names it wins, as kubectl does."""
    configs: list[dict[str, Any]] = list(_configs())
    context = _named(configs, "contexts", name)
    if context is None:
        known = ", ".join(str(entry["name"]) for entry in _entries(configs, "contexts")) or "no context"
        raise UnusableError(
            f"There is no Kubernetes context {name!r} in {_files()}; nothing was changed.\n"
            f"  It has: {known}.\n"
            "  For the cluster of this machine:  make cluster && . .local/env\n"
            "  For another one:  pulumi config set --path release.context NAME"
        )
    cluster = _named(configs, "clusters", context["context"]["cluster"]) or {}
    server = cluster.get("cluster", {}).get("server", "")
    return KubeContext(name=name, server=server, namespace=context["context"].get("namespace"))


def refuse_unreachable(context: KubeContext) -> None:
    """Stop with one message where nobody listens at the context's server."""
    address = urlsplit(context.server)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((address.hostname or "", port), timeout=ANSWERS_WITHIN_SECONDS).close()
    except OSError as error:
        raise UnusableError(
            f"The cluster of Kubernetes context {context.name!r} can't be reached at "
            f"{context.server or 'no address'}: {error.strerror or error}; nothing was changed.\n"
            "  The cluster of this machine is started, or mended, with:  make cluster\n"
            f"  Another one answers to:  kubectl --context {context.name} version"
        ) from None


def _files() -> str:
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")


def _configs() -> Iterator[dict[str, Any]]:
    for file in _files().split(os.pathsep):
        path = Path(file)
        if path.is_file():
            yield yaml.safe_load(path.read_text()) or {}


def _named(configs: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any] | None:
    return next((entry for entry in _entries(configs, kind) if entry["name"] == name), None)


def _entries(configs: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for config in configs:
        entries += config.get(kind) or []
    return entries
