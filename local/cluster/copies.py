"""Copies of folders that somebody may be writing to: owners, modes and links are kept."""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

PARTIAL = ".partial"
# A folder at rest is copied once; of one that never rests the last copy is taken.
TRIES = 5
VANISHED = "No such file or directory"


def copy(source: Path, target: Path) -> None:
    """Whole under its name or not at all; its time of change is when the copy began.

    Copied anew when something changed meanwhile; raises `OSError` when files can't be read or written.
    """
    if not source.is_dir():
        raise OSError(f"{source} is not there")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Its own, for the `cp` of a copier that was killed may be writing still.
    partial = target.with_name(f"{target.name}.{os.getpid()}{PARTIAL}")
    began = time.time()
    for _ in range(TRIES):
        shutil.rmtree(partial, ignore_errors=True)
        began, before = time.time(), _listing(source)
        _copy(source, partial)
        if _listing(source) == before:
            break
    os.utime(partial, (began, began))
    partial.rename(target)


def sweep(folder: Path) -> None:
    """Takes away what a copier that was killed has left."""
    for partial in folder.glob(f"*{PARTIAL}"):
        shutil.rmtree(partial, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    # Python's own copies would belong to whoever makes them.
    argv = ["cp", "-a", "--reflink=auto", str(source), str(target)]
    environment = os.environ | {"LC_ALL": "C"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if not line.endswith(VANISHED)]
    if complaints or (done.returncode and not target.is_dir()):
        raise OSError(f"{source} can't be copied: {'; '.join(complaints) or done.stderr.strip()}")


def _listing(folder: Path) -> list[tuple[str, int, int, int]]:
    """What tells whether anything in it has changed; passes over what vanishes."""
    found: list[tuple[str, int, int, int]] = []
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            path = Path(parent, name)
            with contextlib.suppress(FileNotFoundError):
                status = path.lstat()
                found.append((str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return sorted(found)
