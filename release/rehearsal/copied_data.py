"""Volumes for the pods of a copy, each with what a backup has of a pod of the stack."""

from collections.abc import Sequence

from release.errors import ContactLostError
from release.migration.backups import Backup
from release.migration.passage import Data
from release.migration.snapshot_store import BACKUP
from release.migration.store import folder
from release.outside.claims import Claims
from release.outside.cluster import Cluster
from release.outside.volumes import Volumes

MARK = "alys.network/rehearsal"
"""Label of what belongs to a copy and isn't in its namespace: claims not yet handed over, and volumes."""


def copy(data: Data, backup: Backup, pods: Sequence[str], *, to: str) -> None:
    """Restore each pod's part into a volume of its own, and give that to a namespace.

    The restoring Jobs run where the backups can be mounted, beside the stack's pods, and have none of their
    data.
    """
    claims, here, labels = Claims(data.cluster.kube), data.cluster.namespace, {MARK: to}
    with data.store.mounted(backup.name, pods) as mounts:
        for pod in pods:
            made = f"rehearsal-{pod}"
            claims.make_like(here, f"data-{pod}", name=made, labels=labels)
            ended = data.jobs.fill(pod, made, folder(backup.name, pod), mounts[pod])
            if not ended.passed:
                raise ContactLostError(
                    what=f"The backup {backup.name} can't be restored into a copy: {ended.reason}",
                    where=f"namespace {here}",
                    remedy="Make a new one, which is read whole:  release backup STACK",
                )
            claims.hand_over(here, made, to=to, as_=f"data-{pod}", labels=labels)


def forget(data: Data, *, to: str) -> None:
    """Have every volume that was made for a copy go, and the snapshots of those, wherever that had got to."""
    claims, label = Claims(data.cluster.kube), f"{MARK}={to}"
    copied = Volumes(Cluster(kube=data.cluster.kube, namespace=to))
    for one in copied.snapshots(BACKUP):
        copied.drop(one["metadata"]["name"])
    claims.let_go(to, label)
    claims.drop(data.cluster.namespace, label)
