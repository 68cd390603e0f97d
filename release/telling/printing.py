"""Results as people read them, and as programs do."""

import json
from typing import TYPE_CHECKING, Any

import typer

from release.outcome import Outcome
from release.result import Result
from release.telling.screen import Screen

if TYPE_CHECKING:
    # They bring what asks Prometheus and registries, which an emergency does without.
    from release.verbs.gate import Gated
    from release.verbs.verify import Verified

_STYLES = {Outcome.DONE: "bold green", Outcome.ROLLED_BACK: "bold yellow", Outcome.CANCELLED: "bold yellow"}


def result(found: Result, screen: Screen, *, as_json: bool) -> None:
    """The end of a run that changed something, or tried to."""
    screen.say(_headline(found), _STYLES.get(found.outcome, "bold red"))
    if found.evidence:
        screen.say(f"what the failed pods said: {found.evidence[0].parent}")
    if found.file_changed:
        screen.say(f"{found.file_changed} was changed; commit it, or the next update undoes it:")
        runs = found.runs or found.release
        screen.say(f"  git commit -m 'release: {runs.version} on {found.stack}' {found.file_changed}")
    if as_json:
        emit(found.json)


def gated(found: "Gated", as_json: bool) -> Outcome:
    """What the gates say."""
    if as_json:
        emit(
            {
                "phase": found.phase,
                "version": found.version,
                "verdict": found.verdict.value,
                "gates": [one.json for one in found.findings],
            }
        )
    else:
        for one in found.findings:
            typer.echo(str(one))
        typer.echo(f"{found.version}: {found.verdict.value}")
    return found.outcome


def verified(found: "Verified", as_json: bool) -> Outcome:
    """Whether what runs is what is pinned."""
    if as_json:
        emit(
            {
                "version": found.pin.version,
                "digest": found.pin.digest,
                "share": str(found.share),
                "problems": list(found.problems),
            }
        )
    else:
        for problem in found.problems:
            typer.echo(f"not as pinned: {problem}")
        typer.echo(f"{found.pin.version} runs on {found.share}")
    return found.outcome


def emit(value: Any) -> None:
    """JSON on standard output, and nothing else there."""
    typer.echo(json.dumps(value, indent=2))


def _headline(found: Result) -> str:
    reason = f": {found.reason}" if found.reason else ""
    runs = f"; {found.runs.short} runs on {found.share}" if found.runs else ""
    return f"{found.stack}: {found.verb} {found.release.short}: {found.outcome.label}{reason}{runs}"
