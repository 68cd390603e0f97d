"""The node in an environment: its namespace, its secrets, and its Helm release."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_kubernetes.core.v1 import (
    Namespace,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpecArgs,
    Secret,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.helm.v3 import Release
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.feature_flags import FeatureFlags
from components.folder_digest import folder_digest
from components.rollout import Share, share
from sections import release as section
from sections.pin import Pin, image_reference

CHART = "./chart"
"""Relative, so that the state is the same from every clone."""
RELEASE_NAME = "alys-node"
PULL_SECRET = f"{RELEASE_NAME}-registry"
BACKUPS = f"{RELEASE_NAME}-backups"
"""The claim that backups are kept on; each is a folder NAME/POD."""
NODE_GROUP_LABEL = "alys.network/group"
"""Label of each machine of the stack's own cluster, and key of the taint where its group is dedicated."""


@dataclass(frozen=True, kw_only=True)
class NodeReleaseArgs:
    """What a release is made of."""

    namespace: str
    pin: Pin
    flags: FeatureFlags
    release: section.Release
    secrets: Input[Mapping[str, str]] | None = None
    """Contents by file name; mounted at /etc/alys/secrets."""
    registry_login: Input[str] | None = None
    """A Docker `config.json` that the image is pulled with, where nodes have no right of their own."""


class NodeRelease(ComponentResource):
    """The pinned version of the node, running."""

    image: Output[str]
    namespace: Output[str]
    share: Share

    def __init__(self, name: str, args: NodeReleaseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:NodeRelease", name, None, opts)
        namespace = Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(
                name=args.namespace,
                labels={
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            ),
            opts=ResourceOptions(parent=self, protect=args.release.protect),
        )
        in_namespace = ResourceOptions(parent=self, depends_on=[namespace])
        secret = (
            Secret(
                f"{name}-secrets",
                metadata=ObjectMetaArgs(name=f"{RELEASE_NAME}-secrets", namespace=args.namespace),
                string_data=args.secrets,
                opts=in_namespace,
            )
            if args.secrets is not None
            else None
        )
        login = (
            Secret(
                f"{name}-registry",
                metadata=ObjectMetaArgs(name=PULL_SECRET, namespace=args.namespace),
                type="kubernetes.io/dockerconfigjson",
                string_data={".dockerconfigjson": args.registry_login},
                opts=in_namespace,
            )
            if args.registry_login is not None
            else None
        )
        # Not the chart's: a backup comes before anything that Helm would make.
        backups = (
            PersistentVolumeClaim(
                f"{name}-backups",
                metadata=ObjectMetaArgs(
                    name=BACKUPS,
                    namespace=args.namespace,
                    # Many a storage class makes a volume only when a pod asks for it.
                    annotations={"pulumi.com/skipAwait": "true"},
                ),
                spec=PersistentVolumeClaimSpecArgs(
                    access_modes=["ReadWriteMany" if volume.shared else "ReadWriteOnce"],
                    storage_class_name=volume.storage_class,
                    resources=VolumeResourceRequirementsArgs(requests={"storage": volume.size}),
                ),
                opts=ResourceOptions(parent=self, depends_on=[namespace], protect=args.release.protect),
            )
            if (volume := args.release.backup_volume)
            else None
        )
        Release(
            f"{name}-release",
            name=RELEASE_NAME,
            namespace=args.namespace,
            chart=CHART,
            values=chart_values(args),
            # Helm itself puts the old revision back when pods don't become ready or the smoke test fails.
            # No `cleanup_on_fail`: it deletes the flags that pods of the failed revision still name.
            atomic=True,
            max_history=10,
            # Not `custom_timeouts`, which take its place: Helm may need its limit twice, there and back.
            timeout=args.release.timing.update,
            opts=ResourceOptions(
                parent=self,
                depends_on=[namespace, *filter(None, [secret, login, backups])],
            ),
        )
        self.image = Output.from_input(image_reference(args.release.image, args.pin))
        self.namespace = Output.from_input(args.namespace)
        self.share = share(args.release.replicas, args.pin.rollout)
        self.register_outputs(
            {
                "image": self.image,
                "namespace": self.namespace,
                "share": str(self.share),
            }
        )


def chart_values(args: NodeReleaseArgs) -> dict[str, Any]:
    """The chart's values; `chart/values.yaml` says what each means."""
    release, timing = args.release, args.release.timing
    return {
        "image": {"repository": release.image, "version": args.pin.version, "digest": args.pin.digest or ""},
        "replicas": release.replicas,
        "rollout": {"percent": args.pin.rollout},
        "flags": {"toml": args.flags.toml, "digest": args.flags.digest},
        "secrets": {
            "name": "" if args.secrets is None else f"{RELEASE_NAME}-secrets",
            "digest": "" if args.secrets is None else Output.from_input(args.secrets).apply(_secrets_digest),
        },
        "imagePullSecrets": [] if args.registry_login is None else [{"name": PULL_SECRET}],
        **placement(release.node_group),
        # A template that was edited without a new chart version would show no difference otherwise.
        "chartDigest": folder_digest(CHART),
        "storage": {"size": release.storage, "className": release.storage_class or ""},
        "service": {"type": release.service},
        "resources": {
            "requests": {"cpu": release.resources.cpu, "memory": release.resources.memory},
            "limits": {"memory": release.resources.memory},
        },
        "timing": {
            "minReadySeconds": timing.ready,
            "drainSeconds": timing.drain,
            "startupSeconds": timing.startup,
        },
        "migration": {
            "phase": args.pin.phase or "",
            "snapshotClass": release.snapshots.snapshot_class if release.snapshots else "",
            "copyClass": (release.snapshots and release.snapshots.storage_class) or "",
            "volume": BACKUPS if release.backup_volume else "",
            "timeoutSeconds": timing.migration,
        },
        "smokeTest": {"timeoutSeconds": timing.smoke_test},
    }


def placement(node_group: str | None) -> dict[str, Any]:
    """Chart values that bring a pod onto a group's machines, past the taint of a dedicated one."""
    if node_group is None:
        return {"nodeSelector": {}, "tolerations": []}
    return {
        "nodeSelector": {NODE_GROUP_LABEL: node_group},
        "tolerations": [{"key": NODE_GROUP_LABEL, "value": node_group, "effect": "NoSchedule"}],
    }


def _secrets_digest(secrets: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(secrets), sort_keys=True).encode()).hexdigest()[:12]
