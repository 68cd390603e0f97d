"""The volumes of a stack's namespace: their snapshots, and volumes that are made of those."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from release.outside.cluster import Cluster
from release.outside.pods import at

_GROUP = "snapshot.storage.k8s.io"
KIND = {"apiVersion": f"{_GROUP}/v1", "kind": "VolumeSnapshot"}


class Volumes:
    """Those of a namespace."""

    def __init__(self, cluster: Cluster) -> None:
        self._kube = cluster.kube
        self._space = quote(cluster.namespace)

    @property
    def _snapshots(self) -> str:
        return f"/apis/{_GROUP}/v1/namespaces/{self._space}/volumesnapshots"

    @property
    def _claims(self) -> str:
        return f"/api/v1/namespaces/{self._space}/persistentvolumeclaims"

    def snapshots(self, label: str) -> list[Mapping[str, Any]]:
        """Those with a label, as the API shows them."""
        return self._kube.items(self._snapshots, labelSelector=label)

    def take(self, made: Mapping[str, Any]) -> None:
        """Begin a snapshot; it is of the moment at which the driver begins, and ready later."""
        self._kube.create(self._snapshots, made)

    def annotate(self, name: str, key: str, text: str) -> None:
        """Note something at a snapshot."""
        self._kube.patch(f"{self._snapshots}/{quote(name)}", {"metadata": {"annotations": {key: text}}})

    def drop(self, name: str) -> None:
        """Delete a snapshot and what the storage keeps for it; one that is gone is fine.

        Its class may say that the storage keeps it when the namespace goes; this is not that.
        """
        found = self._kube.find(f"{self._snapshots}/{quote(name)}")
        if found is None:
            return
        if content := at(found, "status").get("boundVolumeSnapshotContentName"):
            path = f"/apis/{_GROUP}/v1/volumesnapshotcontents/{quote(content)}"
            self._kube.patch(path, {"spec": {"deletionPolicy": "Delete"}})
        self._kube.delete(f"{self._snapshots}/{quote(name)}", uid=found["metadata"]["uid"])

    def copy(self, snapshot: str, *, of: str, storage_class: str | None) -> dict[str, Any]:
        """A volume that is made of a snapshot, as large as the claim that it is of; it goes with its pod.

        Not of the claim's own class, which may keep what was claimed.
        """
        spec = at(self._kube.get(f"{self._claims}/{quote(of)}"), "spec")
        made = {
            "accessModes": ["ReadWriteOnce"],
            **({"storageClassName": storage_class} if storage_class else {}),
            "resources": spec["resources"],
            "dataSource": {"apiGroup": _GROUP, "kind": "VolumeSnapshot", "name": snapshot},
        }
        return {"ephemeral": {"volumeClaimTemplate": {"spec": made}}}
