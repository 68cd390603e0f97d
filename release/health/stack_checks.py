"""A stack as a doctor sees it: its file, backend, state, locks, leftovers and cluster. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from release.health.checkup import Check, not_asked, ok, wrong
from release.health.sighting import AT_WORK, Sighting, Trouble, in_words
from release.locking import leftovers, locks
from release.locking.leftovers import Kind
from release.locking.locks import BREAKABLE, Lock, Owner

_SLACK = timedelta(seconds=60)


def checks(seen: Sighting) -> Iterator[Check]:
    """A line or more for each part of a stack."""
    yield _file(seen)
    yield _history(seen)
    yield _state(seen)
    yield from _locks(seen)
    yield from _leftovers(seen)
    yield _cluster(seen)


def _file(seen: Sighting) -> Check:
    return _trouble(seen, "file", "stack file") or ok("stack file", f"Pulumi.{seen.stack}.yaml can be read")


def _history(seen: Sighting) -> Check:
    if trouble := _trouble(seen, "history", "backend"):
        return trouble
    if seen.ledger is None:
        return not_asked("backend", "the stack file comes first")
    good, count = seen.ledger.last_good(), len(seen.ledger.kept)
    last = f"the last good one of {good.identity.short}" if good else "none of them good"
    return ok("backend", f"it answers; updates: {count}{f', {last}' if count else ''}")


def _state(seen: Sighting) -> Check:
    if trouble := _trouble(seen, "state", "state"):
        return trouble
    if seen.state is None:
        return not_asked("state", "the stack file comes first")
    return ok(
        "state", "it can be read" if seen.state.released else "it can be read; nothing was released yet"
    )


def _locks(seen: Sighting) -> Iterator[Check]:
    if seen.turn is not None:
        yield ok("run", f"process {seen.turn} of this clone is at work on the stack")
    if trouble := _trouble(seen, "locks", "locks"):
        yield trouble
        return
    if seen.locks is None:
        yield not_asked("locks", "this backend shows them only to who is refused by one")
        return
    release = seen.settings.release if seen.settings else None
    limit = 2 * timedelta(seconds=release.timing.update) if release else timedelta()
    for lock, owner in seen.locks.items():
        yield lock_check(lock, owner, stack=seen.stack, limit=limit + _SLACK, now=datetime.now(UTC))
    if not seen.locks:
        yield ok("locks", "nobody holds the stack")


def lock_check(lock: Lock, owner: Owner, *, stack: str, limit: timedelta, now: datetime) -> Check:
    """A lock is well while its owner can be at work; `limit` is what one update may take."""
    error = locks.held(lock, owner, stack=stack, now=now)
    said = error.what.partition("; nothing")[0]
    if owner in BREAKABLE:
        return wrong(
            "locks", said, f"Any deploy or rollback removes it; by hand:  pulumi cancel -s {stack} --yes"
        )
    # No process of this machine says whether another machine's still runs, but no update takes for ever.
    if owner is Owner.UNKNOWN or (owner in AT_WORK and now - lock.since > limit):
        return wrong("locks", said, error.remedy)
    return ok("locks", said)


def _leftovers(seen: Sighting) -> Iterator[Check]:
    if seen.state is None or seen.ledger is None:
        yield not_asked("leftovers", "history and state come first")
        return
    if seen.at_work:
        yield not_asked("leftovers", "a run is at work")
        return
    status = seen.helm[-1].status if seen.helm else None
    left = leftovers.found(dead_locks=(), pending=seen.state.pending, helm_status=status, ledger=seen.ledger)
    for one in left:
        yield wrong("leftovers", f"a killed run left this: {one.what}", _mended(one.kind, seen.stack))
    if not left:
        yield ok("leftovers", "no killed run has left anything")


def _mended(kind: Kind, stack: str) -> str:
    if kind is Kind.UNFINISHED_STEPS:
        return f"Go on:  release promote {stack}\nOr go back:  release rollback {stack}"
    return f"The next run mends it before it begins:  release deploy {stack}\nOr:  release rollback {stack}"


def _cluster(seen: Sighting) -> Check:
    if trouble := _trouble(seen, "cluster", "cluster"):
        return trouble
    if seen.state is None:
        return not_asked("cluster", "the state says which is the right one")
    if seen.cluster is None:
        return not_asked("cluster", "the stack has none yet")
    entered = f"{seen.cluster.kube.entrance} at {seen.cluster.kube.server}"
    known = seen.state.namespace_uid is not None
    right = (
        f"namespace {seen.cluster.namespace} is the stack's own" if known else "nothing was released there"
    )
    return ok("cluster", f"{entered} answers; {right}")


def _trouble(seen: Sighting, what: str, name: str) -> Check | None:
    found = seen.troubles.get(what)
    return of_trouble(name, found) if found else None


def of_trouble(name: str, trouble: Trouble) -> Check:
    """A check that nobody could make."""
    said, remedy = in_words(trouble)
    return wrong(name, said, remedy)
