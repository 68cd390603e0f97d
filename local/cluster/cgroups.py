"""The one control group, `alys`, below which the cluster's processes are counted."""

import contextlib
import os
from pathlib import Path

from local.cluster import addresses

ROOT = Path("/sys/fs/cgroup")


def hierarchies(root: Path = ROOT) -> list[Path]:
    """Every mounted hierarchy: one with cgroup v2, one a controller with v1."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return sorted({folder.resolve() for folder in root.iterdir() if (folder / "cgroup.procs").exists()})


def make(root: Path = ROOT) -> None:
    """The group itself; kubelet makes those below."""
    for hierarchy in hierarchies(root):
        (hierarchy / addresses.CGROUP).mkdir(exist_ok=True)


def join_own(root: Path = ROOT) -> None:
    """Leaves the session that typed the command: a service manager ends what is left of one at its end."""
    named = [root, root / "unified", root / "systemd"]
    for folder in named:
        if (folder / "cgroup.procs").exists():
            own = folder / addresses.CGROUP / "parts"
            own.mkdir(parents=True, exist_ok=True)
            (own / "cgroup.procs").write_text(str(os.getpid()))


def remove(root: Path = ROOT) -> None:
    """Takes away what the cluster made; silent about what is still in use."""
    for hierarchy in hierarchies(root):
        for folder, _, _ in os.walk(hierarchy / addresses.CGROUP, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def left(root: Path = ROOT) -> list[Path]:
    """What `remove` could not take away."""
    return [h / addresses.CGROUP for h in hierarchies(root) if (h / addresses.CGROUP).exists()]
