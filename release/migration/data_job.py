"""A Job that runs one of the node's commands on a pod's data. Pure: what it is made like is handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.outside.pods import at, node_container

DATA = "/var/lib/alys"
BACKUPS = "/backups"
SECONDS_TO_START = 60
_AS_THE_PODS = (
    "serviceAccountName",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "imagePullSecrets",
    "nodeSelector",
    "tolerations",
    "securityContext",
)


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume, and where a Job has it."""

    source: Mapping[str, Any]
    """As a pod names it."""
    path: str
    """Of backups at or below `/backups`."""
    writes: bool = False


Mounts = Sequence[Mount]


def claimed(claim: str) -> dict[str, Any]:
    """The volume of a claim."""
    return {"persistentVolumeClaim": {"claimName": claim}}


def data_job(
    statefulset: Mapping[str, Any],
    pod: str,
    words: Sequence[str],
    *,
    name: str,
    mounts: Mounts = (),
    limit_seconds: int,
    writes: bool = False,
    claim: str = "",
) -> dict[str, Any]:
    """A Job for `kubectl create`, made like the pods of a StatefulSet as the API shows it.

    The words are the node's, such as `restore --from /backups/NAME/POD --wait 60`; `mounts` are the backups
    that it has. Without `writes` the pod's data is mounted read-only; another `claim` may take
    its place. It runs on the pod's machine, since that alone may be able to mount the pod's volume, and is
    tried once.
    """
    metadata, template = statefulset["metadata"], at(statefulset, "spec", "template")
    labels = at(template, "metadata", "labels")
    node = node_container(statefulset)
    application, release = labels["app.kubernetes.io/name"], labels["app.kubernetes.io/instance"]
    volumes = [("data", Mount(source=claimed(claim or f"data-{pod}"), path=DATA, writes=writes))]
    volumes += [(f"backups-{number}" if number else "backups", one) for number, one in enumerate(mounts)]
    # Those of the chart's own backups: a NetworkPolicy knows them, and no Service does.
    own = {"app.kubernetes.io/name": f"{application}-backup", "app.kubernetes.io/part-of": release}
    spec = {key: template["spec"][key] for key in _AS_THE_PODS if key in template["spec"]}
    container = {
        "name": words[0],
        "image": node["image"],
        "imagePullPolicy": node["imagePullPolicy"],
        "args": [*words, "--timeout", str(limit_seconds)],
        "env": [{"name": "POD_NAME", "value": pod}, *_phase(node)],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": node["securityContext"],
        "volumeMounts": [_mounted(volume, one) for volume, one in volumes],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": metadata["namespace"], "labels": own},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": limit_seconds + SECONDS_TO_START,
            "template": {
                "metadata": {"labels": own},
                "spec": spec
                | {
                    "restartPolicy": "Never",
                    # The commands may be killed at any moment, and don't listen to a polite word.
                    "terminationGracePeriodSeconds": 1,
                    "affinity": _beside(pod),
                    "containers": [container],
                    "volumes": [{"name": volume, **one.source} for volume, one in volumes],
                },
            },
        },
    }


def _mounted(name: str, mount: Mount) -> dict[str, Any]:
    return {"name": name, "mountPath": mount.path} | ({} if mount.writes else {"readOnly": True})


def _phase(node: Mapping[str, Any]) -> list[dict[str, str]]:
    return [one for one in node.get("env", []) if one["name"] == "ALYS_PHASE"]


def _beside(pod: str) -> dict[str, Any]:
    term = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"statefulset.kubernetes.io/pod-name": pod}},
    }
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
