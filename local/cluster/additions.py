"""Components that a newer clone knows and the running cluster lacks: added beside it, and its pods run on.

Inside, it is a second supervisor, process 1 of a PID namespace within the cluster's, so that it ends with the
cluster and none of its components outlives it.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from local import cache, debian
from local.cluster import addresses, cgroups, config, namespaces, supervisor
from local.cluster.components import all_components
from local.cluster.parts import Parts

NAMES = (
    "from local.cluster.components import all_components; "
    "print(*(c.name for c in all_components('kubernetes', 'coredns')))"
)


def missing() -> list[str]:
    """Names of components that neither the cluster's own code nor an addition that runs knows."""
    code = cache.cluster() / "code"
    argv = [sys.executable, "-c", NAMES]
    told = subprocess.run(
        argv, env={"PYTHONPATH": str(code)}, cwd="/", capture_output=True, text=True, check=False
    )
    if told.returncode:
        return []  # so different that only a new start mends it
    known = told.stdout.split()
    ours = [component.name for component in all_components("kubernetes", "coredns")]
    return [name for name in ours if name not in known and not _runs(name)]


def start(names: Sequence[str], first: int, found: Parts, python: str) -> None:
    """Starts them among the namespaces of the cluster's first process, `first` as this machine knows it."""
    cluster = cache.cluster()
    copy_code(cluster / "additions")
    (cluster / _dying(names[0])).unlink(missing_ok=True)
    enter = ("nsenter", f"--target={first}", "--mount", "--pid", "--")
    own = ("unshare", "--pid", "--fork", "--kill-child", "--")
    argv = [*enter, *own, python, "-m", "local.cluster.additions", str(cache.root())]
    argv += [found.debian.name, *found.tools, *names]
    environment = {"PATH": os.environ["PATH"]} | supervisor.environment_of(cluster / "additions")
    with (cluster / "supervisor.log").open("ab") as log:
        subprocess.run(
            ["setsid", "--fork", *argv],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )


def copy_code(target: Path) -> None:
    """The modules that run inside, so that the clone they come from may go."""
    source = Path(__file__).parent.parent
    shutil.rmtree(target, ignore_errors=True)
    (target / "local").mkdir(parents=True)
    for module in source.glob("*.py"):
        shutil.copy(module, target / "local")
    shutil.copytree(
        source / "cluster", target / "local" / "cluster", ignore=shutil.ignore_patterns("__pycache__")
    )


def _runs(name: str) -> bool:
    held = _lock(cache.cluster(), name)
    if held:
        held.close()
    return held is None


def _lock(cluster: Path, name: str) -> TextIO | None:
    """Held as long as an addition runs; the kernel lets go when it dies."""
    file = (cluster / f"{name}.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _dying(name: str) -> str:
    return f"dying-{name}.json"


def main(root: Path, packages: str, kubernetes: str, coredns: str, snapshots: str, *names: str) -> NoReturn:
    """Runs inside, and ends when it or the cluster is killed."""
    signal.signal(signal.SIGTERM, supervisor.leave)
    locks = [_lock(root / "cluster", name) for name in names]
    if not all(locks):
        raise SystemExit(f"{', '.join(names)}: somebody else has added them")
    group = cgroups.name(root)
    cgroups.join(group)
    # The packages of this clone, which may be newer than those the cluster was started with.
    inside = Path(addresses.INSIDE) / "debian" / packages
    variant = namespaces.iptables_variant(inside, debian.environment(inside))
    environment = supervisor.environment_of(root / "cluster" / "additions")
    config.write_missing(Path(config.CONFIG), namespaces.snapshotter(Path("/var/lib")), group)
    components = tuple(c for c in all_components(kubernetes, coredns, snapshots) if c.name in names)
    supervisor.supervise(
        components, environment | debian.environment(inside, variant), dying=_dying(names[0])
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
