"""Claims of volumes in the namespaces of a cluster, and a volume's way from one to another."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from release.errors import ContactLostError
from release.outside.kube import Gone, Kube
from release.outside.pods import at

LOOK_SECONDS = 0.5
WITHIN_SECONDS = 120
"""For what the cluster's own controllers do in moments."""
_VOLUMES = "/api/v1/persistentvolumes"


class Claims:
    """Those of a cluster."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube

    def make_like(self, namespace: str, of: str, *, name: str, labels: Mapping[str, str]) -> None:
        """Claim an empty volume of the class and size that another claim has."""
        like = at(self._kube.get(f"{_claims(namespace)}/{quote(of)}"), "spec")
        kept = ("accessModes", "resources", "storageClassName", "volumeMode")
        spec = {key: like[key] for key in kept if key in like}
        made = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec}
        self._kube.create(_claims(namespace), {**made, "metadata": {"name": name, "labels": labels}})

    def hand_over(self, namespace: str, name: str, *, to: str, as_: str, labels: Mapping[str, str]) -> None:
        """Keep a claimed volume for a claim of another namespace, which may be yet to come.

        It goes with that one. Nobody may use it meanwhile. Its labels are there for `let_go`.
        """
        claim = self._kube.get(f"{_claims(namespace)}/{quote(name)}")
        volume = f"{_VOLUMES}/{quote(str(claim['spec']['volumeName']))}"
        self._kube.patch(volume, {"metadata": {"labels": labels}, "spec": _policy("Retain")})
        self._kube.delete(f"{_claims(namespace)}/{quote(name)}", uid=claim["metadata"]["uid"])
        over = time.monotonic() + WITHIN_SECONDS
        while self._kube.find(f"{_claims(namespace)}/{quote(name)}"):
            if time.monotonic() > over:
                raise ContactLostError(
                    what=f"A volume could not be handed over: its claim {name} stays for {WITHIN_SECONDS} s",
                    where=f"namespace {namespace}",
                    remedy=f"See who uses it:  kubectl describe pvc {name} -n {namespace}",
                )
            time.sleep(LOOK_SECONDS)
        kept_for = {"namespace": to, "name": as_, "uid": None, "resourceVersion": None}
        self._kube.patch(volume, {"spec": {"claimRef": kept_for, **_policy("Delete")}})

    def let_go(self, namespace: str, label: str) -> None:
        """Have the volumes of a namespace go with their claims, and those with a label that nobody claims."""
        claims = self._kube.items(_claims(namespace))
        parts = {str(at(one, "spec").get("volumeName") or ""): _policy("Delete") for one in claims}
        for one in self._kube.items(_VOLUMES, labelSelector=label):
            waits = not at(one, "spec", "claimRef").get("uid")
            # Kubernetes then finds that its claim is gone.
            claimed = {"claimRef": {"uid": "nobody"}} if waits else {}
            parts[one["metadata"]["name"]] = {**_policy("Delete"), **claimed}
        for name, part in parts.items():
            with suppress(Gone):
                if name:
                    self._kube.patch(f"{_VOLUMES}/{quote(name)}", {"spec": part})

    def drop(self, namespace: str, label: str) -> None:
        """Delete the claims with a label."""
        for one in self._kube.items(_claims(namespace), labelSelector=label):
            meta = one["metadata"]
            self._kube.delete(f"{_claims(namespace)}/{quote(meta['name'])}", uid=meta["uid"])


def _policy(name: str) -> dict[str, Any]:
    return {"persistentVolumeReclaimPolicy": name}


def _claims(namespace: str) -> str:
    return f"/api/v1/namespaces/{quote(namespace)}/persistentvolumeclaims"
