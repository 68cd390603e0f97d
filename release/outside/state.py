"""A stack's state, as `pulumi stack export` tells it: what exists, and where its cluster is. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from release.locking import leftovers
from release.outside.pods import at

NODE_RELEASE = "alys:index:NodeRelease"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_HELM_RELEASE = "kubernetes:helm.sh/v3:Release"
_PROVIDER = "pulumi:providers:kubernetes"
_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class State:
    """The newest state of a stack."""

    deployment: Mapping[str, Any]

    @property
    def pending(self) -> tuple[str, ...]:
        """Operations that were begun and never finished."""
        return leftovers.pending_operations({"deployment": self.deployment})

    @property
    def released(self) -> bool:
        """Whether the node's Helm release has ever been deployed."""
        return self._of_node(_HELM_RELEASE) is not None

    @property
    def namespace(self) -> str | None:
        """Where the node is."""
        return self._metadata("name")

    @property
    def namespace_uid(self) -> str | None:
        """What no other cluster's namespace has."""
        return self._metadata("uid")

    @property
    def chart_digest(self) -> str | None:
        """The chart that the node was deployed with."""
        return _text(at(self._of_node(_HELM_RELEASE) or {}, "inputs", "values").get("chartDigest"))

    @property
    def kubeconfig(self) -> str | None:
        """The kubeconfig of the cluster that the node was deployed to, where the stack declares it."""
        return _text(self._provider().get("kubeconfig"))

    @property
    def context(self) -> str | None:
        """The Kubernetes context that the node was deployed to, where the stack names one."""
        return _text(self._provider().get("context"))

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs."""
        stack = next((one for one in self._resources() if one.get("type") == _STACK), at({}))
        return at(stack, "outputs")

    def _provider(self) -> Mapping[str, Any]:
        release = self._of_node(_HELM_RELEASE) or {}
        urn = str(release.get("provider", "")).rpartition("::")[0]
        found = next((one for one in self._resources() if one.get("urn") == urn), None)
        if found is None or found.get("type") != _PROVIDER:
            return {}
        return at(found, "inputs")

    def _metadata(self, key: str) -> str | None:
        return _text(at(self._of_node(_NAMESPACE) or {}, "outputs", "metadata").get(key))

    def _of_node(self, kind: str) -> Mapping[str, Any] | None:
        return next(
            (
                one
                for one in self._resources()
                if one.get("type") == kind and NODE_RELEASE in str(one.get("urn")) and not one.get("delete")
            ),
            None,
        )

    def _resources(self) -> list[Mapping[str, Any]]:
        return cast("list[Mapping[str, Any]]", self.deployment.get("resources") or [])


def read(text: str) -> State:
    """Read the CLI's JSON; `ValueError` where it is none."""
    exported: Any = json.loads(text)
    if not isinstance(exported, dict) or "deployment" not in exported:
        raise ValueError("no deployment")
    return State(deployment=at(cast("Mapping[str, Any]", exported), "deployment"))


def _text(value: Any) -> str | None:
    # A secret is an object; whoever keeps the kubeconfig as one has to name a context.
    return value if isinstance(value, str) and value else None
