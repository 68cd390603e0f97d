"""`release history`: every update of a stack, the newest first."""

from dataclasses import dataclass
from typing import Any

from release.health.outlook import Outlook
from release.outcome import Outcome
from release.past import account
from release.past import ledger as ledgers
from release.past.account import Line


@dataclass(frozen=True, kw_only=True)
class Told:
    """The newest updates, and how many there are before them."""

    stack: str
    lines: tuple[Line, ...]
    """Newest first."""
    older: int

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {"stack": self.stack, "updates": [line.json for line in self.lines], "older": self.older}


def history(outlook: Outlook, word: str, *, limit: int) -> Told:
    """Ask the backend alone: what the cluster runs is another question."""
    stack = outlook.stack(outlook.project.stack(word))
    lines = account.lines(ledgers.ledger(stack.history()))
    return Told(stack=stack.name, lines=lines[::-1][:limit], older=max(0, len(lines) - limit))
