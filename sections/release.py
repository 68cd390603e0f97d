"""Where and how the node runs in an environment: the `release` section."""

from typing import Annotated, Literal

from pydantic import Field

from sections.values import ImageRepository, Name, Quantity, Section

_LONGEST_NAME = 63
"""Letters in the name of a namespace."""
REHEARSAL = "-rehearsal"
"""End of a namespace in which a migration is rehearsed."""


class Resources(Section):
    """What a pod asks for and may use at most."""

    cpu: Quantity = Field(default="500m", description="CPU that a pod asks for.", examples=["500m"])
    memory: Quantity = Field(
        default="1Gi", description="Memory that a pod asks for, and its limit.", examples=["1Gi"]
    )


class Timing(Section):
    """How long each part of a pod's life may take, in seconds."""

    ready: Annotated[int, Field(ge=0, le=600)] = Field(
        default=5, description="A pod counts as available after being ready for so long.", examples=[5]
    )
    drain: Annotated[int, Field(ge=0, le=300)] = Field(
        default=5,
        description="A pod that is told to end keeps serving for so long, until nobody sends it requests.",
        examples=[5],
    )
    startup: Annotated[int, Field(ge=5, le=3600)] = Field(
        default=120, description="A pod that isn't up after so long is restarted.", examples=[120]
    )
    migration: Annotated[int, Field(ge=1, le=86400)] = Field(
        default=300,
        description="Limit of the backup, and of the migration, of one pod's data.",
        examples=[300],
    )
    smoke_test: Annotated[int, Field(ge=5, le=600)] = Field(
        default=60, description="Limit of the smoke test.", examples=[60]
    )
    update: Annotated[int, Field(ge=30, le=7200)] = Field(
        default=600,
        description="Limit of one update; past it Helm restores the old revision.",
        examples=[600],
    )


class BackupVolume(Section):
    """A volume for backups of the node's data, where the driver of its volumes has no snapshots."""

    size: Quantity = Field(
        description="Its size: room for three copies of a pod's data beside the backups.", examples=["300Gi"]
    )
    storage_class: Name | None = Field(
        default=None,
        description="Storage class; without one the cluster's default.",
        examples=["alys-shared"],
    )
    shared: bool = Field(
        default=False,
        description="Whether pods on several machines mount it at once; its storage class must know how.",
        examples=[False],
    )


class Snapshots(Section):
    """Snapshots of the pods' volumes, each read in a volume that is made of it."""

    snapshot_class: Name = Field(description="Their VolumeSnapshotClass.", examples=["alys-chain"])
    storage_class: Name | None = Field(
        default=None,
        description="Storage class of the volumes that they are read in: of the same driver, and gone with "
        "their claims. Without one the cluster's default.",
        examples=["alys-default"],
    )


class Release(Section):
    """The node's Helm release."""

    image: ImageRepository = Field(
        description="Image repository, without tag and digest.", examples=["ghcr.io/alys/node"]
    )
    context: str | None = Field(
        default=None,
        description="Kubernetes context to release into; without one the stack's own cluster.",
        examples=["alys-local"],
    )
    namespace: Name | None = Field(
        default=None,
        description="Namespace; without one that of the context, else alys-<stack>.",
        examples=["alys-staging"],
    )
    replicas: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="Number of pods.", examples=[3]
    )
    storage: Quantity = Field(default="100Gi", description="Volume of a pod.", examples=["100Gi"])
    storage_class: Name | None = Field(
        default=None, description="Storage class; without one the cluster's default.", examples=["alys-chain"]
    )
    snapshots: Snapshots | None = Field(
        default=None,
        description="Snapshots for backups before a phase, where the volumes' driver has them.",
        examples=[{"snapshot_class": "alys-chain"}],
    )
    backup_volume: BackupVolume | None = Field(
        default=None,
        description="Or a volume for them. Without either nothing is backed up, and no phase is entered that "
        "needs it.",
        examples=[{"size": "300Gi"}],
    )
    node_group: Name | None = Field(
        default=None,
        description="Node group of the stack's cluster to run on; without one wherever there is room.",
        examples=["chain"],
    )
    service: Literal["ClusterIP", "NodePort", "LoadBalancer"] = Field(
        default="ClusterIP", description="How the Service is reached.", examples=["ClusterIP"]
    )
    resources: Resources = Field(default_factory=Resources, description="CPU and memory of a pod.")
    rehearsal: Resources | None = Field(
        default=None,
        description="CPU and memory of a rehearsal's pod, where a second one like those has no room.",
        examples=[{"cpu": "100m", "memory": "2Gi"}],
    )
    timing: Timing = Field(default_factory=Timing, description="Limits of a pod's life and of an update.")
    protect: bool = Field(
        default=True,
        description="Refuse to delete the namespace, and the chain data in it with it.",
        examples=[True],
    )


def namespace(stack: str, release: Release | None, *, of_context: str | None = None) -> str:
    """Where a stack's node is: as its file says, else as its context does, else named after the stack."""
    return (release and release.namespace) or of_context or f"alys-{stack}"


def rehearsal_namespace(of: str) -> str:
    """Where a migration is rehearsed on a copy of the node, by the namespace of the node itself."""
    return f"{of[: _LONGEST_NAME - len(REHEARSAL)]}{REHEARSAL}"
