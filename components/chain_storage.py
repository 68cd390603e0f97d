"""Volumes of a cluster: for chain data, with snapshots, and for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ComponentResource, CustomResource, Input, ResourceOptions
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass

DRIVER = "ebs.csi.aws.com"
STORAGE_CLASS = "alys-chain"
DEFAULT_CLASS = "alys-default"
"""For whatever names no class: encrypted too, gone with its claim, not backed up."""
SNAPSHOT_CLASS = "alys-chain"
BACKUP_TAG = ("alys-backup", "chain")
"""Tag of each volume and snapshot of chain data; the backup plan looks for it."""
SNAPSHOT_TAG = "alys-snapshot-of"
"""Tag of each snapshot that a phase begins with, its value the stack; the recycle bin looks for it.

No volume bears it: what AWS Backup makes of a volume has the volume's tags, and a lifecycle of its own.
"""


@dataclass(frozen=True, kw_only=True)
class ChainStorageArgs:
    """The key of the volumes, and their tags in AWS."""

    stack: str
    key_arn: Input[str]
    tags: Mapping[str, str]


class ChainStorage(ComponentResource):
    """Storage classes; chain data and its snapshots outlive the claims that they were made for."""

    def __init__(self, name: str, args: ChainStorageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ChainStorage", name, None, opts)
        own = ResourceOptions(parent=self)
        volume = {"type": "gp3", "encrypted": "true", "kmsKeyId": args.key_arn}
        of_chain = {**args.tags, BACKUP_TAG[0]: BACKUP_TAG[1]}
        marked = tag_specifications(of_chain)
        snapshots = tag_specifications({**of_chain, SNAPSHOT_TAG: args.stack})
        StorageClass(
            f"{name}-chain",
            metadata=ObjectMetaArgs(name=STORAGE_CLASS),
            provisioner=DRIVER,
            parameters={**volume, **marked},
            reclaim_policy="Retain",
            allow_volume_expansion=True,
            volume_binding_mode="WaitForFirstConsumer",
            opts=own,
        )
        StorageClass(
            f"{name}-default",
            metadata=ObjectMetaArgs(
                name=DEFAULT_CLASS, annotations={"storageclass.kubernetes.io/is-default-class": "true"}
            ),
            provisioner=DRIVER,
            parameters={**volume, **tag_specifications(args.tags)},
            reclaim_policy="Delete",
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
                "driver": DRIVER,
                "deletionPolicy": "Retain",
                "parameters": snapshots,
            },
            own,
        )
        self.register_outputs({})


def tag_specifications(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as the EBS driver takes them: `tagSpecification_1: key=value`."""
    return {
        f"tagSpecification_{number}": f"{key}={value}"
        for number, (key, value) in enumerate(sorted(tags.items()), start=1)
    }
