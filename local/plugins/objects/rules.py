"""What of an object can only change by replacing it."""

from typing import Any

from local.plugins.values import Path, at

_JOB = {("spec", "completions"), ("spec", "completionMode"), ("spec", "selector"), ("spec", "template")}
_STATEFUL_SET = {
    ("spec", "podManagementPolicy"),
    ("spec", "revisionHistoryLimit"),
    ("spec", "selector"),
    ("spec", "serviceName"),
    ("spec", "volumeClaimTemplates"),
}
_CLAIM = {
    ("spec", "accessModes"),
    ("spec", "dataSource"),
    ("spec", "selector"),
    ("spec", "storageClassName"),
    ("spec", "volumeMode"),
    ("spec", "volumeName"),
}

# By API group and kind, as the official provider has it (its `forceNewProperties`).
_IMMUTABLE: dict[tuple[str, str], set[tuple[str, ...]]] = {
    ("", "ConfigMap"): {("binaryData",), ("data",), ("immutable",)},
    ("", "Secret"): {("data",), ("stringData",), ("type",), ("immutable",)},
    ("", "PersistentVolumeClaim"): _CLAIM,
    ("", "Pod"): {("spec",)},
    ("", "ResourceQuota"): {("spec", "scopes")},
    ("", "Service"): {("spec", "clusterIP"), ("spec", "type")},
    ("apps", "DaemonSet"): {("spec", "selector")},
    ("apps", "Deployment"): {("spec", "selector")},
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): _JOB,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): {("roleRef",)},
    ("rbac.authorization.k8s.io", "RoleBinding"): {("roleRef",)},
    ("scheduling.k8s.io", "PriorityClass"): {("value",), ("preemptionPolicy",)},
    ("storage.k8s.io", "StorageClass"): {
        ("parameters",),
        ("provisioner",),
        ("reclaimPolicy",),
        ("volumeBindingMode",),
    },
}
_IDENTITY = {("kind",), ("metadata", "name"), ("metadata", "namespace")}


def group(api_version: str) -> str:
    """Return the API group of an API version; the core group is empty."""
    return api_version.rpartition("/")[0]


def replaces(path: Path, old: dict[str, Any], new: dict[str, Any], *, mutable: frozenset[str]) -> bool:
    """Say whether a change at `path` replaces the object.

    `mutable` are the kinds among ConfigMap and Secret whose data may be edited in place, unless the object
    itself says `immutable: true`.
    """
    kind = str(at(new, "kind"))
    if path == ("apiVersion",):
        # Another version of the same group is another view of the same object.
        return group(str(at(old, "apiVersion"))) != group(str(at(new, "apiVersion")))
    if _under(path, _IDENTITY):
        return True
    if kind in mutable and at(old, "immutable") is not True:
        return False
    return _under(path, _IMMUTABLE.get((group(str(at(new, "apiVersion"))), kind), set()))


def _under(path: Path, roots: set[tuple[str, ...]]) -> bool:
    """Say whether `path` is one of the roots, inside one, or above one that changed with it."""
    return any(path[: len(root)] == root or root[: len(path)] == path for root in roots)
