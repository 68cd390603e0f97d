"""The end of a run that changes something, as people read it."""

from release.outcome import Outcome
from release.result import Result
from release.telling.screen import Screen

_STYLES = {Outcome.DONE: "bold green", Outcome.ROLLED_BACK: "bold yellow", Outcome.CANCELLED: "bold yellow"}


def result(found: Result, screen: Screen) -> None:
    """The end of a run that changed something, or tried to."""
    screen.say(_headline(found), _STYLES.get(found.outcome, "bold red"))
    if found.evidence:
        screen.say(f"what the failed pods said: {found.evidence[0].parent}")
    if found.file_changed:
        screen.say(f"{found.file_changed} was changed; commit it, or the next update undoes it:")
        runs = found.runs or found.release
        screen.say(f"  git commit -m 'release: {runs.version} on {found.stack}' {found.file_changed}")


def _headline(found: Result) -> str:
    reason = f": {found.reason}" if found.reason else ""
    runs = f"; {found.runs.short} runs on {found.share}" if found.runs else ""
    return f"{found.stack}: {found.verb} {found.release.short}: {found.outcome.label}{reason}{runs}"
