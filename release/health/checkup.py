"""What a doctor finds: of each thing whether it is well, and of what isn't the command that mends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from release.outcome import Outcome


class Health(Enum):
    """Of one thing."""

    OK = "ok"
    WRONG = "wrong"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line."""

    name: str
    health: Health
    said: str
    """What was found, or why nobody was asked."""
    remedy: str = ""
    """For what is wrong: what to do, with the command."""

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {"name": self.name, "health": self.health.value, "said": self.said, "remedy": self.remedy}


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """All lines."""

    stack: str | None
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[Check, ...]:
        """What needs somebody."""
        return tuple(one for one in self.checks if one.health is Health.WRONG)

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.NOT_WELL if self.wrong else Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {"stack": self.stack, "well": not self.wrong, "checks": [one.json for one in self.checks]}


def ok(name: str, said: str) -> Check:
    """A thing that is well."""
    return Check(name=name, health=Health.OK, said=said)


def wrong(name: str, said: str, remedy: str) -> Check:
    """A thing that isn't."""
    return Check(name=name, health=Health.WRONG, said=said, remedy=remedy)


def not_asked(name: str, said: str) -> Check:
    """A thing that nobody looked at, and why."""
    return Check(name=name, health=Health.NOT_ASKED, said=said)


def checkup(stack: str | None, checks: Iterable[Check]) -> Checkup:
    """All of them."""
    return Checkup(stack=stack, checks=tuple(checks))
