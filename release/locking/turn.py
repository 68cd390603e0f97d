"""One run at a time on a stack file: whoever writes it holds this lock, also between two updates."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from release.errors import LockHeldError, RefusedError
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
    with _opened(path) as file:
        if not _taken(file.fileno()):
            holder = _pid(path)
            if not emergency:
                raise _held(stack, holder, path)
            _stand_down(file.fileno(), holder, stack, path)
        _sign(file, path)
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+")
    except OSError as error:
        raise _unwritable(path, error) from None


def _sign(file: TextIO, path: Path) -> None:
    try:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> RefusedError:
    return RefusedError(
        what=f"It can't be noted that this run is at work: {error.strerror}; nothing was changed",
        where=str(path),
        remedy=f"Is there room?  df -h {path.parent.parent}\nWhose is the folder?  ls -ld {path.parent}",
    )


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
