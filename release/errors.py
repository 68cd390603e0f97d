"""What a run stops with: one message that says what is wrong, where, and how it is mended."""

import textwrap
from typing import ClassVar

from release.outcome import Outcome

UNCHANGED = "; nothing was changed"
"""What every refusal ends with that comes before the first write."""
_SHOWN_AT_MOST = 60


class ReleaseError(Exception):
    """The one base of the driver's errors; the command line prints it and exits with its outcome's code."""

    outcome: ClassVar[Outcome] = Outcome.REFUSED

    def __init__(self, *, what: str, where: str, remedy: str) -> None:
        """`remedy` is a command or YAML to paste, with a word of introduction; it may have several lines."""
        super().__init__(f"{what} ({where}).\n{textwrap.indent(remedy, '  ')}")
        self.what = what
        self.where = where
        self.remedy = remedy


class RefusedError(ReleaseError):
    """Stops a run before anything is changed."""


class UsageError(ReleaseError):
    """A word on the command line that can't be meant."""

    outcome = Outcome.USAGE


class LockHeldError(ReleaseError):
    """Another run holds the stack."""

    outcome = Outcome.LOCK_HELD


class ContactLostError(ReleaseError):
    """Contact to something that the run leans on was lost."""

    outcome = Outcome.UNKNOWN


class NotAllowedError(ContactLostError):
    """These credentials may not ask for it."""


class NoWayBackError(ReleaseError):
    """What the way back needs can't be had, so it isn't tried."""

    outcome = Outcome.ROLLBACK_FAILED


class GateFailedError(ReleaseError):
    """A gate said no before anything was changed."""

    outcome = Outcome.GATE_FAILED


class GateUnknownError(ReleaseError):
    """The gates could not tell before anything was changed."""

    outcome = Outcome.GATE_UNKNOWN


def in_the_middle(error: ReleaseError | OSError) -> str:
    """What ended a run that had begun: nothing is said of what was changed."""
    if isinstance(error, ReleaseError):
        return error.what.removesuffix(UNCHANGED)
    return f"{error.filename}: {error.strerror}"


def shown(text: str) -> str:
    """A text of unknown origin, so that it can stand in a message: quoted, on one line, not long."""
    quoted = repr(text[:_SHOWN_AT_MOST])
    return quoted if len(text) <= _SHOWN_AT_MOST else f"{quoted} ... ({len(text)} characters)"
