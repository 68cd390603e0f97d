"""What people are told about a run: a title that says it all, and a few lines below it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from components.rollout import Share
from release.gates import Finding, Verdict
from release.outcome import Outcome
from release.past.identity import Identity

Mood = Literal["info", "success", "warning", "failure"]
"""As notification services tell them apart."""
_MOODS: dict[Outcome, Mood] = {
    Outcome.DONE: "success",
    Outcome.ROLLED_BACK: "warning",
    Outcome.CANCELLED: "warning",
    Outcome.REFUSED: "warning",
    Outcome.USAGE: "warning",
    Outcome.LOCK_HELD: "warning",
    Outcome.GATE_FAILED: "warning",
    Outcome.GATE_UNKNOWN: "warning",
    Outcome.DRIFTED: "warning",
    Outcome.NO_WAY_BACK: "warning",
    Outcome.NOT_WELL: "warning",
    Outcome.ROLLBACK_FAILED: "failure",
    Outcome.UNKNOWN: "failure",
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message."""

    title: str
    body: str
    mood: Mood


@dataclass(frozen=True, kw_only=True)
class Run:
    """What all messages of a run are about."""

    stack: str
    verb: str
    """`deploy`, `promote`, `migrate`, `rollback` or `restore`."""
    release: Identity
    before: Identity | None
    """What ran when it began."""
    by: str
    url: str = ""
    """Where the run can be watched."""


def started(run: Run, steps: tuple[int, ...]) -> Notice:
    """Before anything is changed."""
    percents = f"in steps of {', '.join(f'{step} %' for step in steps)}" if len(steps) > 1 else ""
    return Notice(
        title=f"{run.stack}: {run.verb} {run.release.version} has started",
        body=_body(run, percents),
        mood="info",
    )


def step_done(run: Run, *, step: tuple[int, int], share: Share, findings: Iterable[Finding] = ()) -> Notice:
    """After a step has passed its gates."""
    number, of = step
    return Notice(
        title=f"{run.stack}: {run.release.version} runs on {share}, step {number} of {of}",
        body=_body(run, *map(str, findings)),
        mood="info",
    )


def ended(
    run: Run,
    outcome: Outcome,
    *,
    reason: str = "",
    back_to: Identity | None = None,
    findings: Iterable[Finding] = (),
    seconds: float | None = None,
) -> Notice:
    """The last message: the outcome, why, and the figures of the gates that didn't pass."""
    evidence = [str(finding) for finding in findings if finding.verdict is not Verdict.PASS]
    took = f"after {seconds:.0f} s" if seconds is not None else ""
    restored = f"{back_to.version} runs again" if back_to else ""
    return Notice(
        title=f"{run.stack}: {run.verb} {run.release.version}: {outcome.label}",
        body=_body(run, reason, *evidence, restored, took, "" if outcome is Outcome.DONE else outcome.means),
        mood=_MOODS[outcome],
    )


def _body(run: Run, *lines: str) -> str:
    before = f", before it {run.before.short}" if run.before else ""
    whole = [f"{run.release.short}{before}, by {run.by}", *lines, run.url]
    return "\n".join(line for line in whole if line)
