"""One run at a time on a stack file: whoever writes it holds this lock, also between two updates."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from release.errors import LockHeldError
from release.project import RUNS, Project
from release.signals import STAND_DOWN

LEAVES_WITHIN_SECONDS = 90
"""A driver that was told to stand down ends its update first, and Helm puts the old pods back."""


@contextmanager
def turn(project: Project, stack: str, *, emergency: bool = False) -> Generator[None]:
    """Hold the turn; the kernel gives it back however this process ends.

    Raises `LockHeldError` where another run of this clone has it. An emergency tells that one to stand down,
    and waits for it.
    """
    path = project.folder / RUNS / f"{stack}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        if not _taken(file.fileno()):
            holder = _pid(path)
            if not emergency:
                raise _held(stack, holder, path)
            _stand_down(file.fileno(), holder, stack, path)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _stand_down(descriptor: int, holder: int | None, stack: str, path: Path) -> None:
    over = time.monotonic() + LEAVES_WITHIN_SECONDS
    if holder:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(holder, STAND_DOWN)
    while not _taken(descriptor):
        if time.monotonic() > over:
            raise _held(stack, holder, path)
        time.sleep(0.1)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid(path: Path) -> int | None:
    text = path.read_text().strip()
    return int(text) if text.isdigit() else None


def _held(stack: str, holder: int | None, path: Path) -> LockHeldError:
    return LockHeldError(
        what=f"Another run of this clone is at work on stack {stack}: process {holder or 'unknown'}; "
        "nothing was changed",
        where=str(path),
        remedy=f"Wait for it, or look at it:  ps -fp {holder or 'PID'}\n"
        f"To stop it and go back now:  release rollback {stack} --emergency",
    )
