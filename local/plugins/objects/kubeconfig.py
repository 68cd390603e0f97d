"""A kubeconfig, given as a path or as its text, and the cluster that its context names."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from local.plugins.resources import Refused


@dataclass(frozen=True, kw_only=True)
class Kubeconfig:
    """A kubeconfig and one context of it; `path` is empty when it was given as text."""

    content: dict[str, Any]
    context: str
    path: str = ""

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._cluster().get("server", ""))

    @property
    def namespace(self) -> str:
        """The namespace of objects that name none."""
        return str(self._entry("contexts", self.context, "context").get("namespace") or "default")

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells this cluster from another one: credentials, names and certificates may change."""
        return (self.server,)

    def _cluster(self) -> dict[str, Any]:
        context = self._entry("contexts", self.context, "context")
        return self._entry("clusters", str(context.get("cluster", "")), "cluster")

    def _entry(self, section: str, name: str, key: str) -> dict[str, Any]:
        entries = cast("list[dict[str, Any]]", self.content.get(section) or [])
        found = next((entry for entry in entries if entry.get("name") == name), None)
        return cast("dict[str, Any]", (found or {}).get(key) or {})


def load(given: str | None, context: str | None) -> Kubeconfig:
    """Read a kubeconfig: the one given, else `$KUBECONFIG`, else `~/.kube/config`."""
    if given and _is_text(given):
        content, path = _parse(given), ""
    else:
        path = given or os.environ.get("KUBECONFIG") or "~/.kube/config"
        path = os.pathsep.join(
            str(Path(part).expanduser().absolute()) for part in path.split(os.pathsep) if part
        )
        content = _read(path)

    chosen = context or str(content.get("current-context") or "")
    contexts = cast("list[dict[str, Any]]", content.get("contexts") or [])
    names = [str(entry.get("name")) for entry in contexts]
    if chosen not in names:
        raise Refused(
            f"configured Kubernetes cluster is unreachable: {path or 'the kubeconfig'} has no context "
            f"{chosen!r}, only {', '.join(names) or 'none'}. `kubectl config get-contexts` lists them."
        )
    return Kubeconfig(content=content, context=chosen, path=path)


def _is_text(given: str) -> bool:
    return "\n" in given or given.lstrip().startswith("{")


def _parse(text: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The error quotes the text around it, which may hold a token.
        raise Refused("The Kubernetes provider's `kubeconfig` is neither a file nor valid YAML.") from error
    if not isinstance(content, dict):
        raise Refused(
            "The Kubernetes provider's `kubeconfig` is no kubeconfig: it has no clusters or contexts."
        )
    return cast("dict[str, Any]", content)


def _read(paths: str) -> dict[str, Any]:
    """Read kubeconfig files the way kubectl does: of two entries with one name, the first counts."""
    merged: dict[str, Any] = {}
    for path in map(Path, paths.split(os.pathsep)):
        try:
            content = _parse(path.read_text()) if path.exists() else {}
        except OSError as error:
            raise Refused(
                "configured Kubernetes cluster is unreachable: "
                f"can't read kubeconfig {path}: {error.strerror}. Check its owner and mode."
            ) from error
        for key, value in content.items():
            if isinstance(value, list):
                merged[key] = [*merged.get(key, []), *cast("list[Any]", value)]
            else:
                merged.setdefault(key, value)
    if not merged:
        raise Refused(
            f"configured Kubernetes cluster is unreachable: there is no kubeconfig at {paths}. "
            f"`make cluster` makes a cluster on this machine; `kubernetes:kubeconfig` names another one."
        )
    return merged
