"""What a killed run leaves behind: it writes no history entry, so it is known by these. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, cast

from release.locking.locks import Lock
from release.past.ledger import Ledger

_CLOCKS_AGREE_WITHIN = timedelta(seconds=10)
"""The engine's machine and the cluster."""


class Kind(IntEnum):
    """In the order in which they are mended: each stands in the way of the next."""

    LOCK = 1
    PENDING_OPERATION = 2
    HELM_UPGRADE = 3
    UNFINISHED_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """One thing to mend."""

    kind: Kind
    what: str


def pending_operations(state: Mapping[str, Any]) -> tuple[str, ...]:
    """`updating urn:...` for each operation that `pulumi stack export` says was never finished."""
    deployment = cast("Mapping[str, Any]", state.get("deployment") or {})
    operations = cast("list[Mapping[str, Any]]", deployment.get("pending_operations") or [])
    return tuple(
        f"{operation.get('type', 'changing')} {operation.get('resource', {}).get('urn', 'a resource')}"
        for operation in operations
    )


def found(
    *, dead_locks: Collection[Lock], pending: Collection[str], helm_status: str | None, ledger: Ledger
) -> tuple[Leftover, ...]:
    """Everything that is left of killed runs, in the order in which it is mended.

    `helm_status` is the newest revision's, as `helm status` says it; None where there is no release.
    """
    left = [
        Leftover(kind=Kind.LOCK, what=f"a lock of {lock.user or 'nobody'} at {lock.path}")
        for lock in dead_locks
    ]
    left += [Leftover(kind=Kind.PENDING_OPERATION, what=operation) for operation in pending]
    if helm_status and helm_status.startswith("pending-"):
        left.append(Leftover(kind=Kind.HELM_UPGRADE, what=f"Helm's release is {helm_status}"))
    if (step := ledger.unfinished) and step.note and step.note.step:
        done, of = step.note.step
        left.append(
            Leftover(
                kind=Kind.UNFINISHED_STEPS,
                what=f"{step.identity.short} got to step {done} of {of} and no further",
            )
        )
    return tuple(left)


def at_work_by_hand(
    *,
    dead_locks: Collection[Lock],
    pending: Collection[str],
    helm_status: str,
    helm_began: datetime,
    ledger: Ledger,
    limit: timedelta,
    now: datetime,
) -> bool:
    """Whether Helm's newest revision may be somebody's own `helm upgrade` that still goes on.

    While it is younger than `limit` it is no leftover, unless an update accounts for it: one that has ended,
    or has left its lock or its operation behind.
    """
    if not helm_status.startswith("pending-") or now - helm_began > limit or dead_locks or pending:
        return False
    return not any(
        one.ended and one.began - _CLOCKS_AGREE_WITHIN <= helm_began <= one.ended + _CLOCKS_AGREE_WITHIN
        for one in ledger.kept
    )
