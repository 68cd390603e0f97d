"""Makes a folder for every claim on the local storage class, and takes it away with the claim."""

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from local.cluster import addresses, config
from local.cluster.api import JSON, Api, ApiError, accepted

FOLDER = Path(addresses.INSIDE) / "cluster" / "volumes"
VOLUMES = "/api/v1/persistentvolumes"
CLAIMS = "/api/v1/persistentvolumeclaims"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
WATCH_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Provision:
    """A storage class, and by whose name it is served."""

    storage_class: str
    provisioner: str
    default: bool = False


LOCAL = Provision(storage_class=addresses.STORAGE_CLASS, provisioner="alys.network/local", default=True)
# Puts a claim's first content into its folder; false when that has to wait.
Fill = Callable[[JSON, Path], bool]


def storage_class(provision: Provision = LOCAL) -> JSON:
    default = {"storageclass.kubernetes.io/is-default-class": "true"} if provision.default else {}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": provision.storage_class, "annotations": default},
        "provisioner": provision.provisioner,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def wants_volume(claim: JSON, provision: Provision = LOCAL) -> bool:
    """Whether a claim waits for a volume of ours: Kubernetes has found none that is there, and says so."""
    asked = claim["metadata"].get("annotations", {}).get("volume.kubernetes.io/storage-provisioner")
    ours = asked == provision.provisioner
    pending = claim.get("status", {}).get("phase", "Pending") == "Pending"
    leaving = "deletionTimestamp" in claim["metadata"]
    return ours and pending and not leaving and not claim["spec"].get("volumeName")


def volume_for(claim: JSON, folder: Path, provision: Provision = LOCAL) -> JSON:
    """A volume that only this claim can bind; of type `local`, which honours a pod's `fsGroup`."""
    meta = claim["metadata"]
    node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [addresses.NODE_NAME]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": f"pvc-{meta['uid']}",
            "annotations": {"pv.kubernetes.io/provisioned-by": provision.provisioner},
        },
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": provision.storage_class,
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}},
        },
    }


def is_done_with(volume: JSON, provision: Provision = LOCAL) -> bool:
    """Whether a volume of ours has lost its claim, and isn't kept for another."""
    spec = volume["spec"]
    ours = spec.get("storageClassName") == provision.storage_class
    kept = spec.get("persistentVolumeReclaimPolicy") == "Retain"
    return ours and not kept and volume.get("status", {}).get("phase") in {"Released", "Failed"}


def empty(_claim: JSON, folder: Path) -> bool:
    """Nothing to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    # Pods run as any user and may set no fsGroup.
    folder.chmod(0o777)
    return True


def settle(api: Api, provision: Provision = LOCAL, fill: Fill = empty) -> str:
    """One pass over all claims and volumes; answers the version of the claims that it has seen."""
    claims = api.get(CLAIMS)
    for claim in claims["items"]:
        folder = FOLDER / f"pvc-{claim['metadata']['uid']}"
        if wants_volume(claim, provision) and fill(claim, folder):
            with accepted(409):
                api.post(VOLUMES, volume_for(claim, folder, provision))
    for volume in api.get(VOLUMES)["items"]:
        if is_done_with(volume, provision):
            _remove(api, volume)
    return claims["metadata"]["resourceVersion"]


def _remove(api: Api, volume: JSON) -> None:
    name = volume["metadata"]["name"]
    if re.fullmatch(r"pvc-[0-9a-f-]+", name):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    with accepted(404):
        api.delete(f"{VOLUMES}/{name}")


def _wait_for_change(api: Api, version: str) -> None:
    """Returns at the first change to a claim after `version`, or when the watch has run out."""
    for _ in api.watch(f"{CLAIMS}?resourceVersion={version}", WATCH_SECONDS):
        return


def main() -> None:
    api = Api(Path(config.PKI))
    while True:
        try:
            with accepted(409):
                api.post(CLASSES, storage_class())
            while True:
                _wait_for_change(api, settle(api))
        except (OSError, ApiError, HTTPException, ValueError) as error:
            print(f"trying again: {error}", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main()
