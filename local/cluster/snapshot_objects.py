"""Snapshots as Kubernetes has them: what to make of a claim, a snapshot or a content, without I/O."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from local.cluster import addresses
from local.cluster.api import JSON
from local.cluster.volumes import Provision

GROUP = "snapshot.storage.k8s.io"
DRIVER = "alys.network/snapshots"
PROVISION = Provision(storage_class=addresses.SNAPSHOT_CLASS, provisioner=DRIVER)
# Suffixes of Kubernetes' quantities.
UNITS = {
    unit: Decimal(1000) ** power
    for power, unit in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)
} | {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}


class SourceError(Exception):
    """Why a claim can't be copied yet."""


def snapshot_class() -> JSON:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": addresses.SNAPSHOT_CLASS},
        "driver": DRIVER,
        "deletionPolicy": "Retain",
    }


def bytes_of(quantity: str) -> int:
    """Bytes that a quantity such as `1.5Gi` stands for, rounded up; raises `ValueError` for what is none."""
    found = re.fullmatch(r"([0-9.]+(?:[eE]-?[0-9]+)?)([a-zA-Z]*)", quantity)
    if found is None or found[2] not in UNITS:
        raise ValueError(f"{quantity} is no amount of storage")
    return math.ceil(Decimal(found[1]) * UNITS[found[2]])


def wants_copy(snapshot: JSON, policies: dict[str, str]) -> bool:
    """Whether a snapshot of a claim waits for us; `policies` has the names of the driver's classes."""
    spec = snapshot["spec"]
    ours = spec.get("volumeSnapshotClassName") in policies and "persistentVolumeClaimName" in spec["source"]
    ready = snapshot.get("status", {}).get("readyToUse", False)
    return ours and not ready and "deletionTimestamp" not in snapshot["metadata"]


def claim_of(snapshot: JSON, claims: list[JSON]) -> JSON:
    """The claim to copy; raises `SourceError` in words for the snapshot's reader."""
    namespace, name = (
        snapshot["metadata"]["namespace"],
        snapshot["spec"]["source"]["persistentVolumeClaimName"],
    )
    claim = _named(claims, name, namespace)
    if claim is None:
        raise SourceError(f"there is no PersistentVolumeClaim {namespace}/{name}")
    if claim["spec"].get("storageClassName") != PROVISION.storage_class:
        raise SourceError(
            f"PersistentVolumeClaim {namespace}/{name} is not of storage class {PROVISION.storage_class}"
        )
    if claim.get("status", {}).get("phase") != "Bound":
        raise SourceError(f"PersistentVolumeClaim {namespace}/{name} has no volume yet")
    return claim


def content_for(snapshot: JSON, claim: JSON, policy: str) -> JSON:
    """What holds a snapshot's copy, also when the snapshot is gone."""
    meta = snapshot["metadata"]
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "VolumeSnapshotContent",
        "metadata": {"name": f"snapcontent-{meta['uid']}"},
        "spec": {
            "deletionPolicy": policy,
            "driver": DRIVER,
            "source": {"volumeHandle": claim["spec"]["volumeName"]},
            "sourceVolumeMode": "Filesystem",
            "volumeSnapshotClassName": snapshot["spec"]["volumeSnapshotClassName"],
            "volumeSnapshotRef": {
                "apiVersion": f"{GROUP}/v1",
                "kind": "VolumeSnapshot",
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
        },
    }


def content_status(folder: Path, size: str) -> JSON:
    """Of a content whose copy is in `folder`, which changed when the copy was begun."""
    return {
        "snapshotHandle": folder.name,
        "readyToUse": True,
        "creationTime": folder.stat().st_mtime_ns,
        "restoreSize": bytes_of(size),
    }


def snapshot_status(content: str, nanoseconds: int, size: str) -> JSON:
    return {
        "boundVolumeSnapshotContentName": content,
        "readyToUse": True,
        "creationTime": time_of(nanoseconds),
        "restoreSize": size,
        "error": None,
    }


def failed_status(message: str, nanoseconds: int) -> JSON:
    return {"readyToUse": False, "error": {"message": message, "time": time_of(nanoseconds)}}


def time_of(nanoseconds: int) -> str:
    """As Kubernetes writes times."""
    return datetime.fromtimestamp(nanoseconds // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size_of(claim: JSON) -> str:
    """The quantity that a copy of a claim needs."""
    capacity = claim.get("status", {}).get("capacity", {})
    return capacity.get("storage") or claim["spec"]["resources"]["requests"]["storage"]


def source_of(claim: JSON) -> JSON | None:
    """What a claim wants to begin with."""
    return claim["spec"].get("dataSourceRef") or claim["spec"].get("dataSource")


def content_to_restore(claim: JSON, snapshots: list[JSON], contents: list[JSON]) -> JSON | None:
    """The content of a claim's source; None while there is none that is ready and fits into the claim."""
    source = source_of(claim) or {}
    if (source.get("apiGroup"), source.get("kind")) != (GROUP, "VolumeSnapshot"):
        return None
    snapshot = _named(snapshots, source["name"], claim["metadata"]["namespace"])
    status = (snapshot or {}).get("status", {})
    content = _named(contents, status.get("boundVolumeSnapshotContentName", ""))
    if not status.get("readyToUse") or content is None or content["spec"]["driver"] != DRIVER:
        return None
    ready = content.get("status", {})
    wanted = claim["spec"]["resources"]["requests"]["storage"]
    fits = bytes_of(wanted) >= ready.get("restoreSize", 0)
    # Whoever writes a content by hand must not reach other folders.
    known = re.fullmatch(r"snapshot-[0-9a-f-]+", ready.get("snapshotHandle", ""))
    return content if fits and known else None


def is_done_with(content: JSON, snapshots: list[JSON]) -> bool:
    """Whether a content of ours has lost its snapshot, and is to go with it."""
    spec = content["spec"]
    uid = spec["volumeSnapshotRef"].get("uid")
    gone = bool(uid) and all(snapshot["metadata"]["uid"] != uid for snapshot in snapshots)
    return gone and spec["driver"] == DRIVER and spec["deletionPolicy"] == "Delete"


def _named(objects: list[JSON], name: str, namespace: str | None = None) -> JSON | None:
    return next(
        (
            one
            for one in objects
            if one["metadata"]["name"] == name and one["metadata"].get("namespace") == namespace
        ),
        None,
    )
