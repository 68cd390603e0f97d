"""`release status`: every stack beside the others, as far as each can be seen."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from components import cost_estimate
from components.rollout import Share, share
from release.health.outlook import Outlook
from release.health.sighting import Sighting, in_words, see
from release.locking.locks import Lock, Owner
from release.outcome import Outcome
from release.outside import pods
from release.past import account, identity
from release.past.account import Line
from release.past.identity import Identity
from release.past.ledger import Hold
from sections.mistakes import UnusableError
from settings import Settings

AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Row:
    """One stack."""

    seen: Sighting
    costs: str | None
    """None where nobody asked, or where the stack has no account of its own."""

    @property
    def pinned(self) -> Identity | None:
        """What the stack file pins."""
        return identity.of(self.seen.pin) if self.seen.pin else None

    @property
    def share(self) -> Share | None:
        """The pods that the pin is for."""
        settings, pin = self.seen.settings, self.seen.pin
        return (
            share(settings.release.replicas, pin.rollout) if settings and settings.release and pin else None
        )

    @property
    def running(self) -> Identity | None:
        """What Helm has deployed; None where nothing is, or where nobody could be asked."""
        record = self.seen.record
        return Identity(version=record.version, digest=record.digest) if record else None

    @property
    def versions(self) -> Mapping[str, tuple[int, int]]:
        """Of each version its pods, and those that are ready."""
        return pods.versions(self.seen.pods)

    @property
    def last_good(self) -> Identity | None:
        """What a rollback goes to from what is pinned now: the newest good release, should it be that one."""
        good = self.seen.ledger.last_good() if self.seen.ledger else None
        return good.identity if good else None

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Each release on hold once, the newest first."""
        held = self.seen.ledger.holds if self.seen.ledger else ()
        return tuple({str(one.release): one for one in held}.values())[::-1]

    @property
    def troubles(self) -> Mapping[str, str]:
        """What could not be asked, and how that is mended; a backend that doesn't answer is said once."""
        return dict(in_words(one) for one in self.seen.troubles.values())

    @property
    def last(self) -> Line | None:
        """The newest update."""
        return account.lines(self.seen.ledger)[-1] if self.seen.ledger and self.seen.ledger.kept else None

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        seen = self.seen
        return {
            "stack": seen.stack,
            "pinned": str(self.pinned) if self.pinned else None,
            "share": str(self.share) if self.share else None,
            "running": str(self.running) if self.running else None,
            "pods": {name: {"pods": all_, "ready": ready} for name, (all_, ready) in self.versions.items()},
            "last_good": str(self.last_good) if self.last_good else None,
            "on_hold": [_hold(one) for one in self.holds],
            "last": self.last.json if self.last else None,
            "drift": None if seen.drift is None else list(seen.drift),
            "at_work": seen.at_work,
            "locks": None if seen.locks is None else [_lock(*one) for one in seen.locks.items()],
            "turn": seen.turn,
            "monthly_estimate": self.costs,
            "troubles": [{"what": what, "remedy": remedy} for what, remedy in self.troubles.items()],
        }


@dataclass(frozen=True, kw_only=True)
class Status:
    """All rows."""

    rows: tuple[Row, ...]

    @property
    def outcome(self) -> Outcome:
        """What the command exits with: to have looked is all that was asked."""
        return Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {"stacks": [row.json for row in self.rows]}


def status(outlook: Outlook, words: Iterable[str], *, costs: bool) -> Status:
    """Look at stacks at once; without words at all that release something, or whose file can't be read."""
    named: dict[str, None] = dict.fromkeys(words)
    names = [outlook.project.stack(word) for word in named] or _releasing(outlook)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        seen = list(pool.map(partial(see, outlook), names))
    return Status(rows=tuple(Row(seen=one, costs=_costs(one) if costs else None) for one in seen))


def _releasing(outlook: Outlook) -> list[str]:
    return [name for name in outlook.project.stacks if _may_release(outlook, name)]


def _may_release(outlook: Outlook, name: str) -> bool:
    try:
        return outlook.project.settings(name).release is not None
    except UnusableError:
        return True


def _costs(seen: Sighting) -> str | None:
    if seen.state and (deployed := seen.state.outputs.get("monthly_estimate")):
        return str(deployed)
    return _estimated(seen.settings)


def _estimated(settings: Settings | None) -> str | None:
    return cost_estimate.said(settings) if settings and settings.account else None


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "release": str(hold.release),
        "since": hold.since.isoformat(),
        "rolled_back": hold.rolled_back,
        "reason": hold.reason,
    }


def _lock(lock: Lock, owner: Owner) -> dict[str, Any]:
    return {
        "owner": owner.value,
        "user": lock.user,
        "host": lock.host,
        "process": lock.pid,
        "since": lock.since.isoformat(),
        "seconds": max(0, round((datetime.now(UTC) - lock.since).total_seconds())),
    }
