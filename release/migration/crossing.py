"""What a run is to do with the phase: asked of the history and the phases, before anything is done. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from release.errors import RefusedError
from release.migration import phases
from release.migration.phases import Kind, Step
from release.migration.phases_file import PhasesFile, WayBack
from release.past import identity
from release.past.history import Release
from release.past.ledger import Ledger
from release.past.way_back import pin_changes
from sections.pin import Pin

_UNDONE = {
    WayBack.FLAGS: "by the flags of before; the data is untouched",
    WayBack.VERSION: "by what is pinned now, whose pods write the data back in place",
    WayBack.RESTORE: "by the backup that comes first, until it is passed; what came since is lost",
}


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """From what runs to a phase."""

    before: Pin
    wanted: Pin
    step: Step
    formats: tuple[int, int]
    reversible: bool
    """Whether it can be left once it was passed."""
    last_seconds: float | None
    """What the last change of phase took; None where there was none."""

    @property
    def restore(self) -> bool:
        """Whether the way back takes the data out of a backup."""
        return phases.undo(self.step, self.before).restore

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan, for people."""
        backup = "backed up first, and the migration rehearsed on the copy"
        data = f"from format {self.formats[0]} to {self.formats[1]}, {backup}"
        back = _UNDONE[self.step.way_back] if self.step.kind is Kind.ENTER else _UNDONE[WayBack.VERSION]
        later = "can be left again" if self.reversible else "nobody goes back any more"
        took = f"{self.last_seconds:.0f} s" if self.last_seconds is not None else "there was none yet"
        return (
            *pin_changes(self.before, self.wanted),
            f"data: {data if self.step.migrates else f'stays in format {self.formats[0]}'}",
            f"undone {back}",
            f"once passed: {later}",
            f"the last change of phase took: {took}",
        )

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "from": self.before.phase,
            "to": self.wanted.phase,
            "pin": list(pin_changes(self.before, self.wanted)),
            "formats": list(self.formats),
            "way_back": self.step.way_back.value,
            "reversible": self.reversible,
            "last_seconds": self.last_seconds,
        }


def crossing(known: PhasesFile, ledger: Ledger, held: Pin, phase: str, *, stack: str) -> Crossing:
    """What entering or leaving a phase means; `RefusedError` with the reason where it may not be.

    A run that was killed on its way is taken up: what it goes back to is still the last good release.
    """
    wanted = held.model_copy(update={"phase": phase, "rollout": 100})
    goal = identity.of(wanted)
    newest = ledger.last_good()
    if newest is not None and newest.identity == goal:
        raise _refusal(
            f"{stack} is in phase {phase} already", f"How it does:  release gate {stack} --phase {phase}"
        )
    running = ledger.running
    if newest is None or running is None:
        raise _refusal("Nothing good runs that could be migrated", f"First:  release deploy {stack} v1.2.3")
    if running.identity not in {newest.identity, goal}:
        raise _refusal(
            f"{running.identity.short} runs on a part of the pods",
            f"Finish it:  release promote {stack}\nOr leave it:  release rollback {stack}",
        )
    before = newest.pin
    if not newest.identity.same_image(goal):
        raise _refusal(
            f"The stack file pins {wanted.version}, and {before.version} runs: one thing at a time",
            f"Release it first:  release deploy {stack} {wanted.version}",
        )
    step = phases.step(known, before, wanted)
    entered = known.phases[phase]
    return Crossing(
        before=before,
        wanted=wanted,
        step=step,
        formats=(known.phases[before.phase or known.order[0]].format, entered.format),
        reversible=entered.reversible,
        last_seconds=last_took(ledger.kept),
    )


def following(known: PhasesFile, ledger: Ledger, *, stack: str) -> str:
    """The phase that comes next; `RefusedError` after the last."""
    good = ledger.last_good()
    place = known.place(good.pin.phase if good else None)
    if place + 1 == len(known.order):
        raise _refusal(f"{stack} is in the last phase, {known.order[place]}", f"See:  release status {stack}")
    return known.order[place + 1]


def last_took(kept: Iterable[Release]) -> float | None:
    """How long the newest run took that changed the phase to its end; None where none did."""
    runs: dict[str, list[Release]] = {}
    for release in kept:
        if release.note and release.note.action == "migrate" and release.note.run:
            runs.setdefault(release.note.run, []).append(release)
    for updates in reversed(runs.values()):
        last = updates[-1]
        if last.succeeded and last.whole and last.ended:
            return (last.ended - updates[0].began).total_seconds()
    return None


def refuse_silent(ledger: Ledger, pin: Pin, *, stack: str) -> None:
    """Refuse a release that would change the phase by the way."""
    good = ledger.last_good() or ledger.running
    if good is None or good.pin.phase == pin.phase:
        return
    there, here = pin.phase or "none", good.pin.phase or "none"
    remedy = f"Enter it:  release migrate {stack} {pin.phase}\n" if pin.phase else ""
    back = (
        f"pulumi config set -s {stack} phase {here}"
        if good.pin.phase
        else f"pulumi config rm -s {stack} phase"
    )
    raise _refusal(
        f"The stack file pins phase {there}, and the last good release is of {here}",
        f"{remedy}Leave what was begun:  release rollback {stack}\nOr stay:  pulumi config {back}",
    )


def return_to(known: PhasesFile, ledger: Ledger, target: Release) -> bool:
    """Whether going back to a release takes a backup; `RefusedError` where its phase can't be gone back to.

    A phase that was entered and never got good is undone as it says itself.
    """
    present = ledger.running.pin if ledger.running else target.pin
    tried = ledger.latest.pin if ledger.latest and ledger.latest.kind == "update" else present
    begun = next((pin for pin in (tried, present) if pin.phase != target.pin.phase), None)
    if begun is None:
        phases.step(known, present, target.pin)
        return False
    if known.place(begun.phase) < known.place(target.pin.phase):
        raise _refusal(
            f"{target.identity.short} is of {target.pin.phase}, a later phase than {begun.phase or 'none'}",
            "Phases are entered by:  release migrate STACK " + str(target.pin.phase),
        )
    if any(one.pin.phase == begun.phase and one.began > target.began for one in ledger.good):
        phases.step(known, begun, target.pin)
        return False
    return phases.undo(phases.step(known, target.pin, begun), target.pin).restore


def _refusal(what: str, remedy: str) -> RefusedError:
    return RefusedError(what=f"{what}; nothing was changed", where="the stack's history", remedy=remedy)
