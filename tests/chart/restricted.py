"""The Pod Security Standard `restricted`, as a check of one pod.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, Kubernetes 1.36. Fields that the
chart never sets (Windows, AppArmor, SELinux, sysctls, procMount) may not appear at all.
"""

from collections.abc import Iterator
from typing import Any

_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC")
_UNUSED = ("windowsOptions", "appArmorProfile", "seLinuxOptions", "sysctls", "procMount")
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_SECCOMP = ("RuntimeDefault", "Localhost")


def violations(pod: dict[str, Any]) -> list[str]:
    """What `restricted` refuses in a pod's spec, each as `where: what`."""
    return [*_of_the_pod(pod), *(v for c in _containers(pod) for v in _of_a_container(c, pod))]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"], *pod.get("ephemeralContainers", [])]


def _of_the_pod(pod: dict[str, Any]) -> Iterator[str]:
    yield from (f"pod: {field} is set" for field in _HOST_FIELDS if pod.get(field))
    yield from (f"pod: securityContext.{field} is set" for field in _UNUSED if field in _context(pod))
    for volume in pod.get("volumes", []):
        yield from (f"volume {volume['name']}: {kind}" for kind in volume.keys() - {"name"} - _VOLUMES)


def _of_a_container(container: dict[str, Any], pod: dict[str, Any]) -> Iterator[str]:
    where, own, inherited = f"container {container['name']}", _context(container), _context(pod)
    yield from (f"{where}: securityContext.{field} is set" for field in _UNUSED if field in own)
    if own.get("privileged"):
        yield f"{where}: privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield f"{where}: allowPrivilegeEscalation is not false"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []):
        yield f"{where}: capabilities.drop lacks ALL"
    if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"{where}: capabilities.add"
    effective = inherited | own
    if effective.get("runAsNonRoot") is not True:
        yield f"{where}: runAsNonRoot is not true"
    if effective.get("runAsUser") == 0:
        yield f"{where}: runAsUser is 0"
    if effective.get("seccompProfile", {}).get("type") not in _SECCOMP:
        yield f"{where}: seccompProfile is neither of {_SECCOMP}"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield f"{where}: hostPort"
    handlers = [*container.get("lifecycle", {}).values(), *(container.get(p, {}) for p in _PROBES)]
    if any("host" in handler.get(kind, {}) for handler in handlers for kind in ("httpGet", "tcpSocket")):
        yield f"{where}: a probe or hook names a host"


def _context(part: dict[str, Any]) -> dict[str, Any]:
    return part.get("securityContext", {})
