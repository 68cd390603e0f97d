"""Which run of this clone is at work on a stack; between two updates no lock of the backend says so."""

from collections.abc import Iterable
from pathlib import Path

from release.project import RUNS, Project

_KERNEL = Path("/proc/locks")


def turn_holder(project: Project, stack: str) -> int | None:
    """The process that holds the turn; None where nobody does, or where there is no /proc.

    Looked up, not tried: to try it would take it from a run that begins at the same moment.
    """
    path = _file(project, stack)
    try:
        said = path.read_text().strip()
    except OSError:
        return None
    return int(said) if said in (_held_by(path) or ()) else None


def surely_free(project: Project, stack: str) -> bool:
    """Whether nobody holds the turn; False where that can't be known."""
    return _held_by(_file(project, stack)) == set()


def _file(project: Project, stack: str) -> Path:
    return project.folder / RUNS / f"{stack}.lock"


def _held_by(path: Path) -> set[str] | None:
    """None where it can't be known."""
    try:
        held = _KERNEL.read_text().splitlines()
        return holders(held, inode=path.stat().st_ino) if path.exists() else set()
    except OSError:
        return None


def holders(lines: Iterable[str], *, inode: int) -> set[str]:
    """The processes that hold a whole file, by number, as `/proc/locks` tells it. Pure."""
    # `1: FLOCK  ADVISORY  WRITE 4711 00:2f:1234 0 EOF`; one that waits has `->` after the number. The device
    # isn't looked at: file systems in layers show another one there.
    fields = (line.split() for line in lines)
    return {
        one[4]
        for one in fields
        if len(one) > 5 and one[1] == "FLOCK" and one[3] == "WRITE" and one[5].endswith(f":{inode}")  # noqa: PLR2004
    }
