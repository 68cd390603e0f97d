"""One line of a check's answer."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that was looked at, and whether it is as the stack file says."""

    ok: bool
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """For people; the remedy stands below."""
        head = f"{'ok   ' if self.ok else 'WRONG'}  {self.what}"
        return "\n".join([head, *(f"         {line}" for line in self.remedy.splitlines())])


def good(what: str) -> Finding:
    """As it should be."""
    return Finding(ok=True, what=what)


def bad(what: str, remedy: str) -> Finding:
    """Not as it should be, and what to do."""
    return Finding(ok=False, what=what, remedy=remedy)


class CheckError(Exception):
    """A check that could not be made; the message says what to do."""
