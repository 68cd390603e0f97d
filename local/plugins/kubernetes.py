"""Kubernetes provider: objects by server-side apply, Helm releases by the `helm` command.

The official plugin is published in no package registry; the engine starts this one from PATH instead:
`python -m local.plugins.kubernetes ENGINE_ADDRESS`.
"""

import importlib.metadata
import json
import sys
from typing import Any

from typing_extensions import override

from local.plugins import provider
from local.plugins.differences import Difference, compare
from local.plugins.engine import Engine
from local.plugins.helm.release import Release
from local.plugins.objects import kubeconfig
from local.plugins.objects.object import Object
from local.plugins.objects.session import Session, Settings
from local.plugins.resources import Failure, Refused, ResourceType
from local.plugins.values import UNKNOWN, Path

_RELEASE = "kubernetes:helm.sh/v3:Release"
# Type tokens that are other things than one object each.
_OTHER = ("kubernetes:helm.sh/", "kubernetes:kustomize/", "kubernetes:yaml/")
_NOT_FOLLOWED = ("cluster", "renderYamlToDirectory", "skipUpdateUnreachable")


class Kubernetes(provider.Provider):
    """The provider of one cluster."""

    package = "kubernetes"
    notice = (
        "Stand-in for the kubernetes plugin, which no package registry carries: "
        "real objects on a real cluster, applied by local/plugins."
    )

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, importlib.metadata.version("pulumi-kubernetes"))
        self.session = Session(settings=Settings(), engine=engine, cancelled=self.operations.cancelled)

    @override
    def check_config(self, inputs: dict[str, Any]) -> list[Failure]:
        ignored = [key for key in _NOT_FOLLOWED if inputs.get(key) not in (None, "", "false")]
        if inputs.get("enableServerSideApply") == "false":
            ignored.append("enableServerSideApply")
        return [
            Failure(property=key, reason=f"the stand-in does not follow `{key}`; the official plugin does.")
            for key in ignored
        ]

    @override
    def diff_config(self, old: dict[str, Any], new: dict[str, Any]) -> Difference:
        return compare(old, new, replaces=lambda path: _other_cluster(path, old, new))

    @override
    def configure(self, inputs: dict[str, Any]) -> None:
        self.session = Session(
            settings=_settings(inputs), engine=self.engine, cancelled=self.operations.cancelled
        )

    @override
    def resource_type(self, token: str) -> ResourceType:
        if token == _RELEASE:
            return Release(self.session)
        if token.startswith(_OTHER) or token.endswith(("Patch", "List")):
            raise Refused(
                f"The stand-in for the kubernetes plugin does not make {token}: it knows objects of one kind "
                f"each and {_RELEASE}. `pulumi plugin install resource kubernetes` gets the official plugin."
            )
        return Object(self.session)


def _settings(inputs: dict[str, Any]) -> Settings:
    mutable = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
    helm: Any = inputs.get("helmReleaseSettings") or {}
    return Settings(
        kubeconfig=inputs.get("kubeconfig") or None,
        context=inputs.get("context") or None,
        namespace=inputs.get("namespace") or None,
        delete_unreachable=_true(inputs, "deleteUnreachable"),
        patch_force=_true(inputs, "enablePatchForce"),
        upsert=_true(inputs, "upsertExistingObjects"),
        mutable=frozenset(kind for kind, key in mutable.items() if _true(inputs, key)),
        helm=json.loads(helm) if isinstance(helm, str) else helm,
    )


def _true(inputs: dict[str, Any], key: str) -> bool:
    """Read a switch: the SDK sends the provider's own booleans as JSON text."""
    return str(inputs.get(key, "")).lower() == "true"


def _other_cluster(path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Say whether a changed input means another cluster, so that everything has to be made anew there."""
    if path[0] == "clusterIdentifier":
        return True
    if path[0] not in ("kubeconfig", "context"):
        return False
    if old.get("clusterIdentifier") or new.get("clusterIdentifier"):
        # Whoever names the cluster says by that name when it is another one.
        return False
    if UNKNOWN in (new.get("kubeconfig"), new.get("context")):
        return True
    try:
        before, after = (kubeconfig.load(bag.get("kubeconfig"), bag.get("context")) for bag in (old, new))
    except Refused:
        # A kubeconfig that can't be read says nothing; using it will tell.
        return False
    return before.identity != after.identity


def main() -> None:
    """Serve one engine."""
    provider.run(Kubernetes, sys.argv[1:])


if __name__ == "__main__":
    main()
