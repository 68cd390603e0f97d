"""From phase to phase: what a change of the pin does to the data, what is refused, the way back. Pure."""

from dataclasses import dataclass
from enum import Enum

from components.feature_flags import active_flags
from release.errors import RefusedError, shown
from release.migration.phases_file import Phase, PhasesFile, WayBack
from sections.pin import Pin
from sections.values import semantic_version

WHERE = "migration/phases.toml"
NO_PHASE = "release"
"""The gates of a release that belongs to no phase, as gates.toml names them."""


class Kind(Enum):
    """What a change of the pin does to the phase."""

    STAY = "stay"
    ENTER = "enter"
    LEAVE = "leave"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A change of the pin that is allowed."""

    kind: Kind
    before: str | None
    after: str | None
    migrates: bool
    """Whether the data is written in another format."""
    way_back: WayBack
    """What undoes it."""

    @property
    def needs_backup(self) -> bool:
        """Whether no pod may be rolled before a backup of its data is there."""
        return self.migrates or self.way_back is WayBack.RESTORE

    @property
    def gates_before(self) -> str:
        """The phase in gates.toml whose gates must pass before anything is changed."""
        return self.before or NO_PHASE

    @property
    def gates_after(self) -> str:
        """The phase in gates.toml whose gates tell whether it went well."""
        return self.after or NO_PHASE


@dataclass(frozen=True, kw_only=True)
class Return:
    """How a step that did not go well is undone."""

    pin: Pin
    """What is pinned again, for all pods."""
    restore: bool
    """Whether the data has to be the backup from before the step."""


def step(phases: PhasesFile, before: Pin, wanted: Pin) -> Step:
    """What a change from one pin to another is; `RefusedError` with the reason where it may not be."""
    for name in (before.phase, wanted.phase):
        _refuse_unknown(phases, name)
    present, goal = phases.place(before.phase), phases.place(wanted.phase)
    if goal > present + 1:
        raise _refusal(
            f"{wanted.phase} can't be entered from {before.phase or 'before the first phase'}: it would jump "
            f"over {', '.join(phases.order[present + 1 : goal])}",
            f"Enter {phases.order[present + 1]} first.",
        )
    if goal < present:
        _refuse_return(phases, before.phase or "", goal, present)
    if wanted.phase is not None:
        _refuse_unmet(wanted.phase, phases.phases[wanted.phase], wanted)
    formats = [_format(phases, name) for name in (before.phase, wanted.phase)]
    kind = Kind.STAY if goal == present else Kind.ENTER if goal > present else Kind.LEAVE
    entered = wanted.phase if kind is Kind.ENTER else None
    return Step(
        kind=kind,
        before=before.phase,
        after=wanted.phase,
        migrates=formats[0] != formats[1],
        way_back=phases.phases[entered].way_back if entered else WayBack.VERSION,
    )


def undo(taken: Step, before: Pin) -> Return:
    """The way back from a step that did not go well, to what was pinned before."""
    return Return(pin=before.model_copy(update={"rollout": 100}), restore=taken.way_back is WayBack.RESTORE)


def _format(phases: PhasesFile, name: str | None) -> int:
    # Before the first phase the data is what it is in the first.
    return phases.phases[name or phases.order[0]].format


def _refuse_unknown(phases: PhasesFile, name: str | None) -> None:
    if name is not None and name not in phases.phases:
        raise _refusal(f"There is no phase {shown(name)}", f"The phases are {', '.join(phases.order)}.")


def _refuse_return(phases: PhasesFile, present: str, goal: int, place: int) -> None:
    passed = [name for name in phases.order[goal + 1 : place + 1] if not phases.phases[name].reversible]
    target = phases.order[goal] if goal >= 0 else "before the first phase"
    if passed:
        raise _refusal(
            f"Nobody goes back from {present} to {target}: {passed[0]} is a point of no return, and data "
            "that is older than it can't be made again",
            "Only a backup from before it has that data; what came since is lost with it:\n"
            "release backups STACK\nrelease restore STACK BACKUP",
        )
    if goal < place - 1:
        raise _refusal(
            f"{target} can't be gone back to from {present}: it would jump over "
            f"{', '.join(phases.order[goal + 1 : place])}",
            f"Go back to {phases.order[place - 1]} first.",
        )


def _refuse_unmet(name: str, phase: Phase, wanted: Pin) -> None:
    first, pinned = semantic_version(phase.version), semantic_version(wanted.version)
    if pinned is None or first is None or pinned < first:
        known = "" if pinned else ", which has no place in the order of versions"
        raise _refusal(
            f"{name} needs {phase.version} or newer, and the pin is {wanted.version}{known}",
            f"Deploy one first:  release deploy STACK {phase.version}",
        )
    active = active_flags(wanted)
    if missing := [flag for flag in phase.flags if active.get(flag) is not True]:
        lines = "".join(f"\n    {flag}: true" for flag in missing)
        raise _refusal(
            f"{name} needs the flag{'s' if missing[1:] else ''} {', '.join(missing)}",
            f"Turn {'them' if missing[1:] else 'it'} on in the stack file:\n  alys:flags:{lines}",
        )


def _refusal(what: str, remedy: str) -> RefusedError:
    return RefusedError(what=f"{what}; nothing was changed", where=WHERE, remedy=remedy)
