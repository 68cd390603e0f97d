"""Makes a folder for every claim on the local storage class, and takes it away with the claim."""

import contextlib
import re
import shutil
import time
from http.client import HTTPException
from pathlib import Path

from local.cluster import addresses, config
from local.cluster.api import JSON, Api, ApiError

FOLDER = Path(addresses.INSIDE) / "cluster" / "volumes"
VOLUMES = "/api/v1/persistentvolumes"
CLAIMS = "/api/v1/persistentvolumeclaims"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
PROVISIONER = "alys.network/local"
WATCH_SECONDS = 20


def storage_class() -> JSON:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": addresses.STORAGE_CLASS, "annotations": default},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def wants_volume(claim: JSON) -> bool:
    """Whether a claim waits for a volume of ours."""
    ours = claim["spec"].get("storageClassName") == addresses.STORAGE_CLASS
    pending = claim.get("status", {}).get("phase", "Pending") == "Pending"
    leaving = "deletionTimestamp" in claim["metadata"]
    return ours and pending and not leaving and not claim["spec"].get("volumeName")


def volume_for(claim: JSON, folder: Path) -> JSON:
    """A volume that only this claim can bind; of type `local`, which honours a pod's `fsGroup`."""
    meta = claim["metadata"]
    node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [addresses.NODE_NAME]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": f"pvc-{meta['uid']}",
            "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
        },
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": addresses.STORAGE_CLASS,
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


def is_done_with(volume: JSON) -> bool:
    """Whether a volume of ours has lost its claim."""
    ours = volume["spec"].get("storageClassName") == addresses.STORAGE_CLASS
    return ours and volume.get("status", {}).get("phase") in {"Released", "Failed"}


def settle(api: Api) -> str:
    """One pass over all claims and volumes; answers the version of the claims that it has seen."""
    claims = api.get(CLAIMS)
    for claim in claims["items"]:
        if wants_volume(claim):
            _make(api, claim)
    for volume in api.get(VOLUMES)["items"]:
        if is_done_with(volume):
            _remove(api, volume)
    return claims["metadata"]["resourceVersion"]


def _make(api: Api, claim: JSON) -> None:
    folder = FOLDER / f"pvc-{claim['metadata']['uid']}"
    folder.mkdir(parents=True, exist_ok=True)
    # Pods run as any user and may set no fsGroup.
    folder.chmod(0o777)
    with _accepted(409):
        api.post(VOLUMES, volume_for(claim, folder))


def _remove(api: Api, volume: JSON) -> None:
    name = volume["metadata"]["name"]
    if re.fullmatch(r"pvc-[0-9a-f-]+", name):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    with _accepted(404):
        api.delete(f"{VOLUMES}/{name}")


@contextlib.contextmanager
def _accepted(status: int):  # noqa: ANN202
    try:
        yield
    except ApiError as error:
        if error.status != status:
            raise


def _wait_for_change(api: Api, version: str) -> None:
    """Returns at the first change to a claim after `version`, or when the watch has run out."""
    for _ in api.watch(f"{CLAIMS}?resourceVersion={version}", WATCH_SECONDS):
        return


def main() -> None:
    api = Api(Path(config.PKI))
    while True:
        try:
            with _accepted(409):
                api.post(CLASSES, storage_class())
            while True:
                _wait_for_change(api, settle(api))
        except (OSError, ApiError, HTTPException, ValueError) as error:
            print(f"trying again: {error}", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main()
