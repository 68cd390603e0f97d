"""What a run came to, for the screen, for `--json`, and for the exit code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.gates import Finding
from release.outcome import Outcome
from release.past.identity import Identity


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run's end."""

    stack: str
    verb: str
    run: str
    outcome: Outcome
    release: Identity
    before: Identity | None
    """What ran when it began."""
    runs: Identity | None
    """What runs now, as far as is known."""
    share: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Path, ...] = ()
    seconds: float = 0.0
    file_changed: str = ""
    """The stack file's name, where this run changed it."""
    undelivered: tuple[str, ...] = ()
    """Messages that didn't arrive, and why."""

    @property
    def json(self) -> dict[str, Any]:
        """For programs; documented in `docs/reference/release.md`."""
        return {
            "stack": self.stack,
            "verb": self.verb,
            "run": self.run,
            "outcome": self.outcome.label,
            "exit_code": self.outcome.exit_code,
            "release": str(self.release),
            "before": str(self.before) if self.before else None,
            "runs": str(self.runs) if self.runs else None,
            "share": self.share,
            "reason": self.reason,
            "gates": [one.json for one in self.findings],
            "evidence": [str(path) for path in self.evidence],
            "seconds": round(self.seconds, 1),
            "file_changed": self.file_changed or None,
            "undelivered": list(self.undelivered),
        }
