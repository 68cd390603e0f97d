"""Objects of the snapshot API as the API server would hand them out."""

from typing import Any

NAME = "alys-snapshots"
ASKED = {"volume.kubernetes.io/storage-provisioner": "alys.network/snapshots"}
"""What Kubernetes notes at a claim that it has found no volume for."""


def claim(source: str | None = None, *, size: str = "100Mi", **changes: Any) -> dict[str, Any]:
    """Bound, or pending on a snapshot of the name `source`."""
    spec = {
        "storageClassName": NAME,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": size}},
    }
    if source is None:
        spec |= {"volumeName": "pvc-0a1b"}
        meta = {"name": "data-0", "namespace": "n", "uid": "0a1b"}
        status = {"phase": "Bound", "capacity": {"storage": size}}
        return {"metadata": meta, "spec": spec, "status": status} | changes
    spec |= {"dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": source}}
    meta = {"name": "restored", "namespace": "n", "uid": "2c3d", "annotations": ASKED}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Pending"}} | changes


def snapshot(*, of: str = "data-0", uid: str = "5e6f", **changes: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "before", "namespace": "n", "uid": uid, "resourceVersion": "7"},
        "spec": {"volumeSnapshotClassName": NAME, "source": {"persistentVolumeClaimName": of}},
    } | changes


def snapshot_class(name: str = NAME, policy: str = "Retain", driver: str = "alys.network/snapshots"):
    return {"metadata": {"name": name}, "driver": driver, "deletionPolicy": policy}
