"""How a run can end, and the exit code that says so."""

from enum import Enum


class Outcome(Enum):
    """Every run ends in exactly one of these; the code is what the shell sees, the text what people read.

    1 is left to what nobody foresaw, 2 is what command lines end with everywhere when they can't be read,
    and 130 is what a shell reports for an interrupted command.
    """

    DONE = (0, "did what was asked")
    USAGE = (2, "the command line can't be read; nothing was changed")
    REFUSED = (3, "refused before anything was changed")
    ROLLED_BACK = (4, "the release failed; the last good one runs again, verified")
    ROLLBACK_FAILED = (5, "the release failed, and going back failed too: a person is needed")
    LOCK_HELD = (6, "another run holds the stack; nothing was changed")
    UNKNOWN = (7, "contact was lost on the way; what runs is not known, a rerun converges")
    GATE_FAILED = (8, "a gate looked and said no")
    GATE_UNKNOWN = (9, "the gates could not tell: no data, or nobody to ask")
    DRIFTED = (10, "what runs is not what the stack file pins")
    NO_WAY_BACK = (11, "the release could be made, but nobody is sure to get back from it")
    NOT_WELL = (12, "the doctor, or a rehearsal, found something wrong")
    CANCELLED = (130, "cancelled by a signal; the release that ran before runs again")

    def __init__(self, exit_code: int, means: str) -> None:
        self.exit_code = exit_code
        self.means = means

    @property
    def label(self) -> str:
        """For tables and messages: `rolled back`."""
        return self.name.lower().replace("_", " ")
