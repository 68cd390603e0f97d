"""Which run of this clone is at work on a stack; between two updates no lock of the backend says so."""

from collections.abc import Iterable
from pathlib import Path

from release.project import RUNS, Project

_KERNEL = Path("/proc/locks")


def turn_holder(project: Project, stack: str) -> int | None:
    """The process that holds the turn; None where nobody does, or where there is no /proc.

    Looked up, not tried: to try it would take it from a run that begins at the same moment.
    """
    path = project.folder / RUNS / f"{stack}.lock"
    try:
        said, inode = path.read_text().strip(), path.stat().st_ino
        held = _KERNEL.read_text().splitlines()
    except OSError:
        return None
    return int(said) if said.isdigit() and holds(held, inode=inode, pid=int(said)) else None


def holds(lines: Iterable[str], *, inode: int, pid: int) -> bool:
    """Whether a process holds a whole file, as `/proc/locks` tells it. Pure."""
    # `1: FLOCK  ADVISORY  WRITE 4711 00:2f:1234 0 EOF`; one that waits has `->` after the number. The device
    # isn't looked at: file systems in layers show another one there.
    fields = (line.split() for line in lines)
    return any(
        one[1:2] == ["FLOCK"] and one[3] == "WRITE" and one[4] == str(pid) and one[5].endswith(f":{inode}")
        for one in fields
        if len(one) > 5  # noqa: PLR2004
    )
