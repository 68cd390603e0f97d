"""The first process of the embedded cluster: it starts the others, and none of them outlives it.

It runs as process 1 of a PID namespace, so the kernel ends everything with it, pods included. It uses the
standard library alone and a copy of these modules: the clone that started it may be gone tomorrow.
"""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from local import debian
from local.cluster import addresses, cgroups, config, namespaces
from local.cluster.api import Api, ApiError
from local.cluster.components import Component, all_components

PAUSE_SECONDS = 0.2
# A component that ran for so long had started well; what dies sooner is started again ever more slowly.
SETTLED_SECONDS = 30.0
LONGEST_BACK_OFF_SECONDS = 10.0
LARGEST_LOG_BYTES = 50_000_000
# Files of the cluster's folder, one a supervisor.
DYING = "dying.json"
ANY_DYING = "dying*.json"


@dataclass
class Run:
    """A component's present process and its past."""

    component: Component
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    restarts: int = field(default=-1)


def back_off(failures: int) -> float:
    """Seconds to wait before the next start: 0.5, 1, 2, 4 ... and never more than the longest."""
    return min(LONGEST_BACK_OFF_SECONDS, 0.5 * 2 ** max(0, failures - 1))


def main(cache: Path, parts: Path, *tools: str) -> NoReturn:
    """Ends when it is killed; `tools` are the folders that `all_components` wants."""
    signal.signal(signal.SIGTERM, leave)
    cluster = cache / "cluster"
    held = (cluster / "supervisor.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _record(cluster / "supervisor.json")
    group = cgroups.name(cache)
    cgroups.make(group)
    cgroups.join(group)
    namespaces.mount_all(cache, parts)
    inside = Path(addresses.PARTS)
    namespaces.make_network(os.environ | debian.environment(inside))
    variant = namespaces.iptables_variant(inside, debian.environment(inside))
    environment = environment_of(cluster / "code") | debian.environment(inside, variant)
    config.write(Path(config.CONFIG), namespaces.snapshotter(Path("/var/lib")), group)
    supervise(all_components(*tools), environment, dying=DYING)


def supervise(components: tuple[Component, ...], environment: dict[str, str], *, dying: str) -> NoReturn:
    """Starts them, and again when they end; `dying` is the file that tells which do so all the time."""
    runs = [Run(component) for component in components]
    told: dict[str, int] = {}
    while True:
        _reap(runs)
        told = _tell(runs, told, Path(addresses.INSIDE) / "cluster" / dying)
        due = [run for run in runs if run.process is None and time.monotonic() >= run.not_before]
        # Asked once a round: a server that is about to start, or to die, may take its time to answer.
        api = any(run.component.needs_api for run in due) and _api_is_ready()
        for run in due:
            if _ready_for(run.component, api=api):
                _start(run, environment)
        time.sleep(PAUSE_SECONDS)


def leave(_signal: int, _frame: FrameType | None) -> None:
    """On SIGTERM."""
    raise SystemExit(0)


def _record(path: Path) -> None:
    """Who this is to the machine around; must run while `/proc` still is the machine's own."""
    status = Path("/proc/self/status").read_text()
    parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
    processes = [
        {"pid": pid, "started": start_time(pid)}
        for pid in (int(Path("/proc/self").readlink().name), int(parent))
    ]
    path.write_text(json.dumps({"boot": boot(), "processes": processes}))


def boot() -> str:
    """This boot of the machine, so that a recorded process id means nothing after the next."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; with its id it names one process only.

    None for one that has ended, and for one that has ended unnoticed by its parent.
    """
    try:
        # The command's name, in brackets, may hold blanks; state and start are fields 3 and 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def environment_of(code: Path) -> dict[str, str]:
    """What every component finds around itself; `code` holds the modules that run inside."""
    return {
        "HOME": "/run",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _ready_for(component: Component, *, api: bool) -> bool:
    if component.needs_file and not Path(component.needs_file).exists():
        return False
    return api or not component.needs_api


def _api_is_ready() -> bool:
    # To listen is not enough: until it knows which pods are a node's, kubelet is refused, and pauses.
    try:
        return Api(Path(config.PKI), seconds=1).text("GET", "/readyz") == "ok"
    except (OSError, ApiError, http.client.HTTPException):
        return False


def _start(run: Run, environment: dict[str, str]) -> None:
    component = run.component
    argv = component.argv if component.host_network else namespaces.inside_network(component.argv)
    run.started = time.monotonic()
    run.restarts += 1
    _say(f"starting {component.name}, restart {run.restarts}")
    log_file = Path(f"/var/log/{component.name}.log")
    try:
        fresh = log_file.exists() and log_file.stat().st_size > LARGEST_LOG_BYTES
        with log_file.open("wb" if fresh else "ab") as log:
            run.process = subprocess.Popen(
                argv, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
            )
    except OSError as error:
        _failed(run, str(error))


def _reap(runs: list[Run]) -> None:
    """Takes leave of every child that ended: components, and orphans that fell to process 1."""
    by_pid = {run.process.pid: run for run in runs if run.process}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if run := by_pid.get(pid):
            _failed(run, f"ended with status {os.waitstatus_to_exitcode(status)}")


def _failed(run: Run, how: str) -> None:
    settled = time.monotonic() - run.started > SETTLED_SECONDS
    run.process = None
    run.failures = 1 if settled else run.failures + 1
    run.not_before = time.monotonic() + back_off(run.failures)
    _say(f"{run.component.name} {how}")


def _tell(runs: list[Run], told: dict[str, int], file: Path) -> dict[str, int]:
    """Which components are down or have only just come up, for those who wait outside."""
    dying = {run.component.name: run.failures for run in runs if run.failures and not _settled(run)}
    if dying != told:
        with contextlib.suppress(OSError):
            file.write_text(json.dumps(dying))
    return dying


def _settled(run: Run) -> bool:
    return run.process is not None and time.monotonic() - run.started > SETTLED_SECONDS


def _say(what: str) -> None:
    # A full disk must not end the process that all others hang on.
    with contextlib.suppress(OSError):
        print(time.strftime("%FT%T"), what, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
