"""What a stack's history says about its releases: which are good, which are on hold, which runs."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from release.past.history import Release
from release.past.identity import Identity


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a release isn't deployed again without being asked to."""

    release: Identity
    """Without flags where the history says it of any."""
    since: datetime
    rolled_back: bool
    """False: its update failed, and nobody had to go back."""
    reason: str
    run: str
    proven: frozenset[Identity] = frozenset()
    """What it speaks of and a retry has proven since."""

    def covers(self, wanted: Identity) -> bool:
        """Whether it holds a release back."""
        return self.release.covers(wanted) and wanted not in self.proven

    def after_retry(self, proven: Identity) -> "Hold | None":
        """What is left of it: other flags than the retried ones have proven nothing."""
        if not self.covers(proven):
            return self
        return None if proven.covers(self.release) else replace(self, proven=self.proven | {proven})


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The answers; `kept` is what they were drawn from, oldest first."""

    kept: tuple[Release, ...]
    good: tuple[Release, ...]
    """Succeeded for all pods and not rolled back from since, oldest first."""
    holds: tuple[Hold, ...]
    running: Release | None
    """The newest that succeeded; what Helm restored, where a later one failed."""

    @property
    def latest(self) -> Release | None:
        """The newest, however it ended."""
        return self.kept[-1] if self.kept else None

    def last_good(self, *, besides: Identity | None = None) -> Release | None:
        """What to go back to; `besides` is what is being left."""
        return next((r for r in reversed(self.good) if r.identity != besides), None)

    def target(self, version: str) -> Release | None:
        """The newest good release of a version: what `rollback --to` takes."""
        return next((r for r in reversed(self.good) if r.pin.version == version), None)

    def targets(self) -> tuple[Release, ...]:
        """Every good release once, the newest first."""
        return tuple({r.identity: r for r in reversed(self.good)}.values())

    def hold(self, wanted: Identity) -> Hold | None:
        """Why a release is on hold: it failed, or its image did and never was good with other flags."""
        own = next((h for h in reversed(self.holds) if h.covers(wanted)), None)
        if own or any(r.identity.same_image(wanted) for r in self.good):
            return own
        return next((h for h in reversed(self.holds) if h.release.same_image(wanted)), None)

    def replaced(self, release: Release) -> Release | None:
        """What ran before a release: the newest other one that had succeeded by then."""
        earlier = self.kept[: self.kept.index(release)]
        return next((r for r in reversed(earlier) if r.succeeded and r.identity != release.identity), None)

    @property
    def unfinished(self) -> Release | None:
        """The step that a killed run got to; None where the newest update was the last of its run."""
        last = self.latest
        step = last.note.step if last and last.note else None
        return last if last and last.succeeded and step and step[0] < step[1] else None


@dataclass
class _Account:
    good: list[Release] = field(default_factory=list[Release])
    holds: list[Hold] = field(default_factory=list[Hold])
    running: Release | None = None

    def enter(self, release: Release) -> None:
        if release.kind == "destroy" and release.succeeded:
            self.running = None
        if release.kind != "update":
            return
        self._leave_behind(release)
        if release.succeeded:
            self._succeed(release)
        elif release.result == "failed":
            self._fail(release)

    def _leave_behind(self, release: Release) -> None:
        note = release.note
        if note is None or note.left is None or note.left.covers(release.identity):
            return
        left, run = note.left, note.run
        if note.action == "rollback":
            self.good = [r for r in self.good if not left.covers(r.identity)]
            self.holds.append(
                Hold(release=left, since=release.began, rolled_back=True, reason=note.reason, run=run)
            )
        elif note.action == "withdraw" and run:
            # Nobody has seen the cancelled run's release through, so it isn't good; nor is it to blame.
            self.good = [r for r in self.good if not (r.note and r.note.run == run)]
            self.holds = [h for h in self.holds if h.rolled_back or h.run != run]

    def _succeed(self, release: Release) -> None:
        self.running = release
        if not release.whole:
            return
        if release.note is not None and release.note.retry:
            left = (h.after_retry(release.identity) for h in self.holds)
            self.holds = [h for h in left if h]
        self.holds = [h for h in self.holds if h.rolled_back or not h.covers(release.identity)]
        if not any(h.covers(release.identity) for h in self.holds):
            self.good.append(release)

    def _fail(self, release: Release) -> None:
        going_back = release.note is not None and release.note.action in {"rollback", "withdraw"}
        # An update that leaves the release as it runs fails for another reason.
        same = self.running is not None and self.running.pin == release.pin
        if release.tried and not going_back and not same:
            run = release.note.run if release.note else ""
            self.holds.append(
                Hold(
                    release=release.identity,
                    since=release.began,
                    rolled_back=False,
                    reason="its update failed",
                    run=run,
                )
            )


def ledger(releases: Iterable[Release]) -> Ledger:
    """Draw the answers from updates, oldest first (`history.read`)."""
    account, kept = _Account(), tuple(releases)
    for release in kept:
        account.enter(release)
    return Ledger(kept=kept, good=tuple(account.good), holds=tuple(account.holds), running=account.running)
