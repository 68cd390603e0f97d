"""The one control group, a cluster's own, below which its pods are counted."""

import contextlib
import hashlib
import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# What kubelet asks of a group with cgroup v2. Source: pkg/kubelet/cm/cgroup_manager_linux.go of Kubernetes.
CONTROLLERS = ("cpuset", "cpu", "memory", "hugetlb", "pids", "io")


def name(cache: Path) -> str:
    """A group for each cache: kubelet ends what it finds in its group and does not know."""
    return "alys-" + hashlib.sha256(str(cache.resolve()).encode()).hexdigest()[:8]


def hierarchies(root: Path = ROOT) -> list[Path]:
    """Every mounted hierarchy: one with cgroup v2, one a controller with v1."""
    if (root / "cgroup.controllers").exists():
        return [root]
    return sorted({folder.resolve() for folder in root.iterdir() if (folder / "cgroup.procs").exists()})


def make(group: str, root: Path = ROOT) -> None:
    """The group itself; kubelet makes those below."""
    for hierarchy in hierarchies(root):
        (hierarchy / group).mkdir(exist_ok=True)
        for folder in (hierarchy, hierarchy / group):
            _delegate(folder)


def join(group: str, root: Path = ROOT) -> None:
    """Leaves the session that typed the command: a service manager ends what is left of one at its end."""
    for folder in (root, root / "unified", root / "systemd"):
        if (folder / "cgroup.procs").exists():
            own = folder / group / "parts"
            own.mkdir(parents=True, exist_ok=True)
            (own / "cgroup.procs").write_text(str(os.getpid()))


def remove(group: str, root: Path = ROOT) -> None:
    """Takes away what the cluster made; silent about what is still in use."""
    for hierarchy in hierarchies(root):
        for folder, _, _ in os.walk(hierarchy / group, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def left(group: str, root: Path = ROOT) -> list[Path]:
    """What `remove` could not take away."""
    return [h / group for h in hierarchies(root) if (h / group).exists()]


def _delegate(folder: Path) -> None:
    """Cgroup v2 counts in a group only what the group above hands down."""
    if not (folder / "cgroup.controllers").exists():
        return
    for controller in (folder / "cgroup.controllers").read_text().split():
        if controller in CONTROLLERS:
            # One that is busy elsewhere stays where it is; kubelet says whether it does without.
            with contextlib.suppress(OSError):
                (folder / "cgroup.subtree_control").write_text(f"+{controller}")
