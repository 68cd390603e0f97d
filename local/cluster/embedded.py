"""The embedded cluster, seen from the machine around it: started, looked at, ended."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from local import cache, debian, images, progress, tools
from local.cluster import addresses, cgroups, pki, supervisor
from local.cluster.api import Api, ApiError
from local.errors import LocalError

HEALTHY_SECONDS = 60
PATIENCE_SECONDS = 30


def up() -> None:
    """A healthy cluster: the one that runs, the mended one, or a new one."""
    with cache.lock("cluster"):
        if not ailments():
            return
        if running() and _becomes_healthy(PATIENCE_SECONDS):
            return
        parts, kubernetes, coredns, pause = _parts()
        before = (cache.cluster() / "pki" / "complete").exists()
        if before:
            print("the cluster of this machine is not healthy: " + "; ".join(ailments()), flush=True)
            with progress.step("mending it, its data is kept", "20 s"):
                stop()
                healthy = _start(parts, kubernetes, coredns, pause)
            if healthy:
                return
            print("it does not come back: its data is wiped and it is made anew", flush=True)
        _wipe()
        with progress.step("starting a one-node Kubernetes", "20 s"):
            if not _start(parts, kubernetes, coredns, pause):
                raise LocalError(
                    f"the embedded cluster does not become healthy: {'; '.join(ailments())}. "
                    f"The logs are in {cache.cluster() / 'log'} and {cache.cluster() / 'supervisor.log'}"
                )


def down() -> None:
    """Nothing left of the cluster but the caches of tools and images."""
    with cache.lock("cluster"):
        _wipe()


def running() -> list[int]:
    """Process ids, seen from this machine, of the supervisor and the process that holds it."""
    try:
        record = json.loads((cache.cluster() / "supervisor.json").read_text())
    except (OSError, ValueError):
        return []
    if record["boot"] != supervisor.boot():
        return []
    return [p["pid"] for p in record["processes"] if supervisor.start_time(p["pid"]) == p["started"]]


def ailments() -> list[str]:
    """What is wrong, in words; nothing when the cluster can be used."""
    if not running():
        return ["it does not run"]
    checks = {"the registry": _registry, "the API server": _api, "the node": _node, "DNS": _dns, "storage": _storage}
    return [f"{what} does not answer" for what, check in checks.items() if not _holds(check)]


def stop() -> None:
    """Ends every process of the cluster; the kernel takes mounts and network with them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pids := running():
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline:
            raise LocalError(f"processes {pids} of the cluster do not end; `kill -9` them, or restart the machine")
        time.sleep(0.1)
    cgroups.remove()


def _wipe() -> None:
    stop()
    shutil.rmtree(cache.cluster(), ignore_errors=True)


def _parts() -> tuple[Path, Path, Path, Path]:
    kubernetes = tools.built(list(tools.KUBERNETES.packages))
    coredns = tools.built(["coredns"])
    return debian.ensure(), kubernetes["kubelet"].parent, coredns["coredns"].parent, _pause()


def _pause() -> Path:
    """The smallest program of every pod, which holds its namespaces."""
    target = cache.tools() / "pause-1" / "pause"
    if not target.exists():
        source = tools.BUILD / "pause"
        tools.require_go(source)
        with progress.step("building the pods' pause program", "20 s"):
            tools.go(["build", "-trimpath", "-o", str(target), "-ldflags", "-s -w", "."], source)
    return target


def _start(parts: Path, kubernetes: Path, coredns: Path, pause: Path) -> bool:
    cluster = cache.cluster()
    cluster.mkdir(parents=True, exist_ok=True)
    pki.ensure(cluster / "pki")
    (cluster / "admin.kubeconfig").write_bytes((cluster / "pki" / "admin.kubeconfig").read_bytes())
    (cluster / "admin.kubeconfig").chmod(0o600)
    _copy_code(cluster / "code")
    # A detached process of the machine's own Python: neither this shell nor this clone carries it.
    unshare = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", "private"]
    argv = [*unshare, "--", _python(), "-m", "local.cluster.supervisor"]
    argv += [str(cache.root()), str(parts), kubernetes.name, coredns.name]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(cluster / "code"), "LANG": "C.UTF-8"}
    with (cluster / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            argv,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    pushed = False
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if not pushed and _holds(_registry):
            packed = images.pack(images.Image(binary=pause, entrypoint=("/pause",), user="65535:65535"), os.uname().machine)
            images.push(packed, addresses.REGISTRY, "alys/pause", "1")
            pushed = True
        if pushed and not ailments():
            return True
        time.sleep(0.3)
    return False


def _copy_code(target: Path) -> None:
    """The modules that run inside, so that the clone they come from may go."""
    source = Path(__file__).parent.parent
    shutil.rmtree(target, ignore_errors=True)
    (target / "local").mkdir(parents=True)
    for module in source.glob("*.py"):
        shutil.copy(module, target / "local")
    shutil.copytree(source / "cluster", target / "local" / "cluster", ignore=shutil.ignore_patterns("__pycache__"))


def _python() -> str:
    """The interpreter below the virtual environment, which goes with its clone."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _becomes_healthy(seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not ailments():
            return True
        time.sleep(0.5)
    return False


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (OSError, ApiError, httpx.HTTPError, ValueError, KeyError):
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


def _dns() -> bool:
    """Asks for a name that every cluster has (RFC 1035, section 4): one question, answered with an address."""
    name = f"kubernetes.default.svc.{addresses.DOMAIN}"
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(1)
        asker.sendto(question, (addresses.NODE, addresses.DNS_PORT))
        answer = asker.recv(512)
    return struct.unpack(">H", answer[6:8])[0] > 0
