"""Volumes for chain data, and snapshots of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ComponentResource, CustomResource, Input, ResourceOptions
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass

STORAGE_CLASS = "alys-chain"
SNAPSHOT_CLASS = "alys-chain"
BACKUP_TAG = ("alys-backup", "chain")
"""Tag of each volume and snapshot of chain data; the backup plan looks for it."""


@dataclass(frozen=True, kw_only=True)
class ChainStorageArgs:
    """The key of the volumes, and their tags in AWS."""

    key_arn: Input[str]
    tags: Mapping[str, str]


class ChainStorage(ComponentResource):
    """A storage class and a snapshot class that outlive the pods and claims that used them."""

    def __init__(self, name: str, args: ChainStorageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ChainStorage", name, None, opts)
        own = ResourceOptions(parent=self)
        StorageClass(
            f"{name}-class",
            metadata=ObjectMetaArgs(name=STORAGE_CLASS),
            provisioner="ebs.csi.aws.com",
            parameters={
                "type": "gp3",
                "encrypted": "true",
                "kmsKeyId": args.key_arn,
                **tag_specifications(args.tags),
            },
            reclaim_policy="Retain",
            allow_volume_expansion=True,
            volume_binding_mode="WaitForFirstConsumer",
            opts=own,
        )
        # Its fields stand beside `spec`, which is all that the SDK's class for custom kinds takes.
        CustomResource(
            "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
            f"{name}-snapshots",
            {
                "apiVersion": "snapshot.storage.k8s.io/v1",
                "kind": "VolumeSnapshotClass",
                "metadata": {"name": SNAPSHOT_CLASS},
                "driver": "ebs.csi.aws.com",
                "deletionPolicy": "Retain",
                "parameters": tag_specifications(args.tags),
            },
            own,
        )
        self.register_outputs({})


def tag_specifications(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as the EBS driver takes them: `tagSpecification_1: key=value`."""
    marked = {**tags, BACKUP_TAG[0]: BACKUP_TAG[1]}
    return {
        f"tagSpecification_{number}": f"{key}={value}"
        for number, (key, value) in enumerate(sorted(marked.items()), start=1)
    }
