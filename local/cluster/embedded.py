"""The embedded cluster, seen from the machine around it: started, looked at, ended."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from local import cache, images, progress
from local.cluster import additions, addresses, cgroups, health, namespaces, parts, pki, room, supervisor
from local.commands import works
from local.errors import LocalError

# Long, because other work may keep the machine busy; what can't succeed is known by its dying components.
HEALTHY_SECONDS = 120
RECOVERY_SECONDS = 60
ENDING_SECONDS = 30
BIRTH_SECONDS = 5
# With the supervisor's back-off that is seven seconds of trying.
HOPELESS_FAILURES = 5
# Of the code that runs inside. To be raised with what a clone can't do without: a cluster of an older one is
# then started anew with its data, while one of a newer clone serves older clones as well.
GENERATION = 2
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
        if running() and not _of_old():
            _add_what_is_missing()
            if _recovers():
                return
        found = parts.find()
        said = "; ".join(ailments())
        stop()
        room.require()
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
            room.wait_for_link_to_go()


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
    return _of_old() or health.ailments() if running() else ["it does not run"]


def _of_old() -> list[str]:
    try:
        generation = int(_generation().read_text())
    except (OSError, ValueError):
        generation = 1
    return [] if generation >= GENERATION else ["an older clone started it"]


def _generation() -> Path:
    return cache.cluster() / "generation"


def dying() -> list[str]:
    """Components that keep ending as soon as they are started."""
    failures: dict[str, int] = {}
    for file in cache.cluster().glob(supervisor.ANY_DYING):
        with contextlib.suppress(OSError, ValueError):
            failures |= json.loads(file.read_text())
    return [name for name, count in failures.items() if count >= HOPELESS_FAILURES]


def stop() -> None:
    """Ends every process of the cluster; the kernel takes mounts and network with them."""
    deadline = time.monotonic() + ENDING_SECONDS
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
    additions.copy_code(cluster / "code")
    _generation().write_text(f"{GENERATION}\n")
    # A detached process of the machine's own Python: neither this shell nor this clone carries it.
    argv = [*UNSHARE, "--", _python(), "-m", "local.cluster.supervisor"]
    argv += [str(cache.root()), str(found.debian), *found.tools]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(cluster / "code"), "LANG": "C.UTF-8"}
    for told in (cluster / "supervisor.json", *cluster.glob(supervisor.ANY_DYING)):
        told.unlink(missing_ok=True)
    with (cluster / "supervisor.log").open("ab") as log:
        subprocess.run(
            ["setsid", "--fork", *argv],
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )
    return _wait(found.pause)


def _wait(pause: Path) -> bool:
    """Whether the cluster becomes healthy; ends early when it can't."""
    began = time.monotonic()
    pushed = seen = False
    while (waited := time.monotonic() - began) < HEALTHY_SECONDS:
        alive = bool(running())
        seen = seen or alive
        if dying() or (not alive and (seen or waited > BIRTH_SECONDS)):
            return False
        pushed = pushed or (health.registry_answers() and _push(pause))
        if pushed and not ailments():
            return True
        time.sleep(0.2)
    return False


def _push(pause: Path) -> bool:
    image = images.Image(binary=pause, entrypoint=("/pause",), user="65535:65535")
    try:
        images.push(images.pack(image, os.uname().machine), addresses.REGISTRY, "alys/pause", "1")
    except LocalError:
        return False
    return True


def _add_what_is_missing() -> None:
    if names := additions.missing():
        print(f"the cluster of this machine lacks {', '.join(names)}: added, its pods run on", flush=True)
        found = parts.find()
        for first in running()[:1]:
            additions.start(names, first, found, _python())


def _recovers() -> bool:
    """Its supervisor starts again what has died; that is waited for."""
    with progress.step("waiting for the cluster to recover", f"at most {RECOVERY_SECONDS} s"):
        deadline = time.monotonic() + RECOVERY_SECONDS
        while ailments():
            if dying() or time.monotonic() > deadline:
                return False
            time.sleep(0.2)
    return True


def _python() -> str:
    """The interpreter below the virtual environment, which goes with its clone."""
    return str(getattr(sys, "_base_executable", sys.executable))
