"""The embedded cluster, seen from the machine around it: started, looked at, ended."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local import cache, images, progress
from local.cluster import addresses, cgroups, health, namespaces, parts, pki, supervisor
from local.commands import works
from local.errors import LocalError

HEALTHY_SECONDS = 60
PATIENCE_SECONDS = 30
ROOM_SECONDS = 5
# With the supervisor's back-off that is seven seconds of trying.
HOPELESS_FAILURES = 5
UNSHARE = ("unshare", "--pid", "--mount", "--fork", "--kill-child", "--propagation", "private")


def missing() -> str:
    """Why it can't run here, in a few words; empty when it can."""
    if sys.platform != "linux":
        return "the embedded cluster runs on Linux only"
    if os.geteuid() != 0:
        return "the embedded cluster needs root"
    if os.uname().machine not in images.ARCHITECTURES:
        return f"the embedded cluster does not know the processor {os.uname().machine}"
    for what, path in (("the cache", cache.root()), ("Python", Path(sys.base_prefix))):
        if any(path.resolve().is_relative_to(hidden) for hidden in namespaces.HIDDEN):
            return f"{what} is in {path}, which the embedded cluster covers with a folder of its own"
    if not works([*UNSHARE, "--", "true"]):
        return f"this machine refuses `{' '.join(UNSHARE)}`"
    return ""


def kubeconfig() -> str:
    """Its administrator's, as text."""
    return (cache.cluster() / "admin.kubeconfig").read_text()


def up() -> None:
    """A healthy cluster: the one that runs, the mended one, or a new one."""
    with cache.lock("cluster"):
        if not ailments():
            return
        if running() and _becomes_healthy():
            return
        found = parts.find()
        said = "; ".join(ailments())
        stop()
        _require_room()
        if (cache.cluster() / "pki" / "complete").exists():
            print(f"the cluster of this machine is not healthy: {said}", flush=True)
            with progress.step("mending it, its data is kept", "20 s"):
                healthy = _start(found)
            if healthy:
                return
            print(f"it does not come back ({_why()}): its data is wiped", flush=True)
        _wipe()
        with progress.step("starting a one-node Kubernetes", "20 s"):
            if not _start(found):
                raise LocalError(
                    f"the embedded cluster does not become healthy: {_why()}. "
                    f"Its supervisor's last words: {_last_words()!r}. "
                    f"The others' logs are in {cache.cluster() / 'log'}"
                )


def down() -> None:
    """Nothing left of the cluster but the caches of tools and images."""
    with cache.lock("cluster"):
        ran = bool(running())
        _wipe()
        if ran:
            _comes_true(lambda: not _link_exists(), ROOM_SECONDS)


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
    return health.ailments() if running() else ["it does not run"]


def dying() -> list[str]:
    """Components that keep ending as soon as they are started."""
    try:
        failures = json.loads((cache.cluster() / "dying.json").read_text())
    except (OSError, ValueError):
        return []
    return [name for name, count in failures.items() if count >= HOPELESS_FAILURES]


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
            raise LocalError(
                f"processes {pids} of the cluster do not end; `kill -9` them, or restart the machine"
            )
        time.sleep(0.1)
    cgroups.remove(cgroups.name(cache.root()))


def _require_room() -> None:
    """Refuses when another cache's cluster, or anything else, stands where this one would."""
    # The kernel takes a network namespace apart a moment after its last process.
    if not _comes_true(lambda: not _link_exists(), ROOM_SECONDS):
        raise LocalError(
            f"the network link {addresses.HOST_LINK} exists already: a cluster of another cache folder "
            "or user runs on this machine. End it there with `make cluster-down`, or use that cache: "
            "XDG_CACHE_HOME names the folder above it"
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", addresses.REGISTRY_PORT))
        except OSError:
            raise LocalError(
                f"port {addresses.REGISTRY_PORT} on 127.0.0.1 is taken, and the registry wants it. "
                f"`ss -ltnp sport = :{addresses.REGISTRY_PORT}` names the program to end"
            ) from None


def _link_exists() -> bool:
    return addresses.HOST_LINK in {name for _, name in socket.if_nameindex()}


def _why() -> str:
    return "; ".join([f"{name} keeps ending" for name in dying()] or ailments())


def _last_words() -> str:
    try:
        lines = (cache.cluster() / "supervisor.log").read_text().strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _wipe() -> None:
    stop()
    shutil.rmtree(cache.cluster(), ignore_errors=True)


def _start(found: parts.Parts) -> bool:
    cluster = cache.cluster()
    cluster.mkdir(parents=True, exist_ok=True)
    pki.ensure(cluster / "pki")
    (cluster / "admin.kubeconfig").write_bytes((cluster / "pki" / "admin.kubeconfig").read_bytes())
    (cluster / "admin.kubeconfig").chmod(0o600)
    _copy_code(cluster / "code")
    # A detached process of the machine's own Python: neither this shell nor this clone carries it.
    argv = [*UNSHARE, "--", _python(), "-m", "local.cluster.supervisor"]
    argv += [str(cache.root()), str(found.debian), found.kubernetes.name, found.coredns.name]
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
        if not pushed and health.registry_answers():
            packed = images.pack(
                images.Image(binary=found.pause, entrypoint=("/pause",), user="65535:65535"),
                os.uname().machine,
            )
            images.push(packed, addresses.REGISTRY, "alys/pause", "1")
            pushed = True
        if pushed and not ailments():
            return True
        if dying():
            return False
        time.sleep(0.3)
    return False


def _copy_code(target: Path) -> None:
    """The modules that run inside, so that the clone they come from may go."""
    source = Path(__file__).parent.parent
    shutil.rmtree(target, ignore_errors=True)
    (target / "local").mkdir(parents=True)
    for module in source.glob("*.py"):
        shutil.copy(module, target / "local")
    shutil.copytree(
        source / "cluster", target / "local" / "cluster", ignore=shutil.ignore_patterns("__pycache__")
    )


def _python() -> str:
    """The interpreter below the virtual environment, which goes with its clone."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _becomes_healthy() -> bool:
    """Its supervisor starts again what has died; that is waited for."""
    with progress.step("waiting for the cluster to recover", f"at most {PATIENCE_SECONDS} s"):
        return _comes_true(lambda: not ailments(), PATIENCE_SECONDS)


def _comes_true(what: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
