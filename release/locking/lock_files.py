"""The lock files of a backend in a folder, and the processes of this machine that may hold them."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from release.locking import locks
from release.locking.locks import Lock, Owner

DRIVER = "ALYS_RELEASE_DRIVER"
"""Environment variable of an update: the process that drives it."""
_DRIVER = f"{DRIVER}=".encode()


def folder(backend: str, *, project: str, stack: str) -> Path | None:
    """Where a `file://` backend keeps a stack's locks; None for any other backend."""
    parts = urlsplit(backend)
    if parts.scheme != "file":
        return None
    # Pulumi takes file://~ and file://./here too.
    base = Path(unquote(parts.netloc + parts.path)).expanduser()
    return base / ".pulumi" / "locks" / "organization" / project / stack


def read(folder: Path) -> tuple[Lock, ...]:
    """Every lock in a folder, as it is now."""
    found: list[Lock] = []
    for path in sorted(folder.glob("*.json")):
        try:
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(locks.parse(str(path), path.read_bytes(), modified=modified))
        except FileNotFoundError:
            # Its owner has just let go.
            continue
    return tuple(found)


def owner(lock: Lock) -> Owner:
    """Whose a lock is, as far as this machine can tell."""
    return locks.judge(
        lock, host=socket.gethostname(), own={os.getpid()}, started=started, now=datetime.now(UTC)
    )


def driver(lock: Lock) -> int | None:
    """The process that drives the update that holds a lock, as the update's environment names it."""
    try:
        held = Path(f"/proc/{lock.pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    named = next((one.partition(b"=")[2] for one in held if one.startswith(_DRIVER)), b"")
    return int(named) if named.isdigit() else None


def started(pid: int) -> datetime | None:
    """When a process of this machine began, to about a second; None where there is none, or only its remains.

    Where there is no /proc a process that lives began long ago, so that nobody takes it for a newer one.
    """
    if not Path("/proc/stat").exists():
        return datetime.min.replace(tzinfo=UTC) if _lives(pid) else None
    try:
        # The command's name stands in parentheses and may hold anything; the state comes first after it.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in {"Z", "X"}:
        return None
    booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(int(booted.split()[1]) + ticks, UTC)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
