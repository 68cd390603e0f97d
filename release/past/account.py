"""A stack's history as people read it: of each update what it did, to what, for whom, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from release.past import message
from release.past.history import Release
from release.past.identity import Identity
from release.past.ledger import Ledger

BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One update."""

    release: Release
    left: Identity | None
    """What ran before, or what a rollback left behind; None for the first."""
    good: bool
    """Whether the stack can be taken back to it."""

    @property
    def what(self) -> str:
        """`deploy`, `promote`, `rollback`, `withdraw` or `by hand`; `destroy` as the engine says."""
        if self.release.kind != "update":
            return self.release.kind
        return self.release.note.action if self.release.note else BY_HAND

    @property
    def outcome(self) -> str:
        """`good`, `done` where it can't be gone back to, `failed` or `in progress`."""
        if self.release.succeeded:
            return "good" if self.good else "done"
        return "failed" if self.release.result == "failed" else "in progress"

    @property
    def why(self) -> str:
        """Its reason, else its title where somebody wrote one."""
        if self.release.note and self.release.note.reason:
            return self.release.note.reason
        title, pin = message.title(self.release.message), self.release.pin
        return "" if title == f"{pin.version} on {pin.rollout} %" else title

    @property
    def share(self) -> str:
        """`1 of 4 pods (25 %)`, or the percent alone where the number of pods isn't known."""
        return str(self.release.share or f"{self.release.pin.rollout} %")

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        release, note = self.release, self.release.note
        return {
            "began": release.began.isoformat(),
            "ended": release.ended.isoformat() if release.ended else None,
            "what": self.what,
            "who": release.who,
            "from": str(self.left) if self.left else None,
            "to": str(release.identity),
            "percent": release.pin.rollout,
            "share": self.share,
            "step": "{}/{}".format(*note.step) if note and note.step else None,
            "outcome": self.outcome,
            "why": self.why,
            "run": note.run if note else "",
        }


def lines(ledger: Ledger) -> tuple[Line, ...]:
    """A line for each update, oldest first."""
    return tuple(_lines(ledger))


def _lines(ledger: Ledger) -> Iterator[Line]:
    running: Identity | None = None
    # By place: two updates of a history may be alike in all that is compared.
    good = {id(release) for release in ledger.good}
    for release in ledger.kept:
        note = release.note
        left = note.left if note and note.left else running
        yield Line(release=release, left=left, good=id(release) in good)
        if release.succeeded and release.kind == "update":
            running = release.identity
        elif release.succeeded and release.kind == "destroy":
            running = None
