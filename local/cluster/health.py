"""Whether each part of the embedded cluster does what it is there for, asked from the machine around it."""

import socket
import struct
from collections.abc import Callable
from http.client import HTTPException

import httpx

from local import cache
from local.cluster import addresses
from local.cluster.api import Api, ApiError


def ailments() -> list[str]:
    """What is wrong, in words; nothing when the cluster can be used."""
    checks = {
        "the registry": _registry,
        "the API server": _api,
        "the node": _node,
        "DNS": _dns,
        "storage": _storage,
        "snapshots": _snapshots,
        "Prometheus": _prometheus,
    }
    return [f"{what} does not answer" for what, check in checks.items() if not _holds(check)]


def registry_answers() -> bool:
    return _holds(_registry)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (OSError, ApiError, HTTPException, httpx.HTTPError, ValueError, KeyError):
        return False


def _registry() -> bool:
    url = f"http://127.0.0.1:{addresses.REGISTRY_PORT}/v2/"
    return httpx.get(url, timeout=2, trust_env=False).is_success


def _client() -> Api:
    return Api(cache.cluster() / "pki", seconds=3)


def _api() -> bool:
    return _client().text("GET", "/readyz") == "ok"


def _node() -> bool:
    node = _client().get(f"/api/v1/nodes/{addresses.NODE_NAME}")
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])


def _storage() -> bool:
    return bool(_client().get(f"/apis/storage.k8s.io/v1/storageclasses/{addresses.STORAGE_CLASS}"))


def _snapshots() -> bool:
    classes = "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses"
    return bool(_client().get(f"{classes}/{addresses.SNAPSHOT_CLASS}"))


def _dns() -> bool:
    """Asks for a name that every cluster has: one question, one address (RFC 1035, section 4)."""
    name = f"kubernetes.default.svc.{addresses.DOMAIN}"
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(1)
        asker.sendto(question, (addresses.NODE, addresses.DNS_PORT))
        answer = asker.recv(512)
    return struct.unpack(">H", answer[6:8])[0] > 0


def _prometheus() -> bool:
    """Ready, and told of the pods: it counts a file of targets among its own metrics once it has read it."""
    asked = [
        httpx.get(f"{addresses.PROMETHEUS}/{path}", timeout=3, trust_env=False)
        for path in ("-/ready", "metrics")
    ]
    return all(answer.is_success for answer in asked) and "prometheus_sd_file_mtime_seconds{" in asked[1].text
