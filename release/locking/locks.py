"""The locks of a stack in a file or S3 backend: whose they are, and whether their owner lives. Pure."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from release.errors import LockHeldError

_WRITTEN_WITHIN = timedelta(seconds=60)
"""A lock file is written in one go, within a second; one that is empty for longer stays so."""
_CLOCKS_AGREE_WITHIN = timedelta(seconds=5)
_IN_ERROR = re.compile(
    r"(?P<path>\S+\.json)\S*: created by (?P<user>.*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)"
)


class Owner(Enum):
    """Who holds a lock; only `DEAD` and `NOBODY` may be broken."""

    OWN = "a process of this run"
    LIVE = "a process of this machine that still runs"
    FOREIGN = "a process of another machine"
    WRITING = "a process that is just taking it"
    UNKNOWN = "somebody that it doesn't name"
    DEAD = "a process of this machine that has ended"
    NOBODY = "nobody: it was left empty by a full disk"


BREAKABLE = frozenset({Owner.DEAD, Owner.NOBODY})


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock file or object; without an owner where it is empty or holds something else."""

    path: str
    """Of the file, or the object's `s3://` address."""
    empty: bool = False
    since: datetime
    """What it says, else when it was last written."""
    pid: int | None = None
    user: str = ""
    host: str = ""


def parse(path: str, content: bytes, *, modified: datetime) -> Lock:
    """Read a lock file; never an error, for a lock that can't be read is a lock all the same."""
    try:
        said = json.loads(content)
        return Lock(
            path=path,
            pid=int(said["pid"]),
            user=str(said["username"]),
            host=str(said["hostname"]),
            since=_aware(str(said["timestamp"])),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Lock(path=path, empty=not content.strip(b"\0"), since=modified)


def in_error(text: str) -> tuple[Lock, ...]:
    """The locks that the CLI names when it is refused: the way to see them in any backend."""
    return tuple(
        Lock(
            path=found["path"],
            pid=int(found["pid"]),
            user=found["user"].strip(),
            host=found["host"],
            since=_aware(found["since"]),
        )
        for found in _IN_ERROR.finditer(text)
    )


def judge(
    lock: Lock,
    *,
    host: str,
    own: Collection[int],
    started: Callable[[int], datetime | None],
    now: datetime,
) -> Owner:
    """Whose a lock is; `started` tells when a process of this machine began, None where there is none."""
    if lock.pid is None:
        if not lock.empty:
            return Owner.UNKNOWN
        return Owner.NOBODY if now - lock.since > _WRITTEN_WITHIN else Owner.WRITING
    if lock.host != host:
        return Owner.FOREIGN
    if lock.pid in own:
        return Owner.OWN
    began = started(lock.pid)
    # A process that began after the lock was taken has but inherited the number.
    if began is None or began > lock.since + _CLOCKS_AGREE_WITHIN:
        return Owner.DEAD
    return Owner.LIVE


def breakable(owners: Collection[Owner]) -> bool:
    """Whether `pulumi cancel` does no harm: it deletes *all* locks, so that one living owner forbids it."""
    return bool(owners) and BREAKABLE.issuperset(owners)


def held(lock: Lock, owner: Owner, *, stack: str, now: datetime) -> LockHeldError:
    """The error for a lock that isn't ours to break."""
    minutes = max(0, int((now - lock.since).total_seconds() // 60))
    named = f"{lock.user}@{lock.host}, process {lock.pid}, " if lock.pid is not None else ""
    shown = f"aws s3 cp '{lock.path}' -" if lock.path.startswith("s3://") else f"cat '{lock.path}'"
    look = f"ps -fp {lock.pid}" if owner in {Owner.LIVE, Owner.OWN} else shown
    return LockHeldError(
        what=f"Stack {stack} is locked by {owner.value} ({named}for {minutes} min); nothing was changed",
        where=lock.path,
        remedy=(
            f"Wait for it, or look at it:  {look}\n"
            f"Only once its owner has ended:  pulumi cancel -s {stack}\n"
            f"To stop it and go back now:  release rollback {stack} --emergency"
        ),
    )


def _aware(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(text)
    return when
