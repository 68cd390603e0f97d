"""A rule, and what it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from policy.declaration import Declaration, known

Check = Callable[[Declaration], Iterable[str]]
ProgramCheck = Callable[[Sequence[Declaration]], Iterable[tuple[Declaration, str]]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Something that must never exist, and why."""

    name: str
    reason: str
    check: Check
    """What is wrong with one resource, each with its remedy; asked before the resource is made."""


@dataclass(frozen=True, kw_only=True)
class ProgramRule:
    """A rule that only the whole program can be held against."""

    name: str
    reason: str
    check: ProgramCheck


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a rule found."""

    rule: str
    urn: str
    message: str

    def __str__(self) -> str:
        """One line: where, what and the remedy."""
        return f"{self.urn.rpartition('::')[2]}: {self.message} [{self.rule}]"


def violations(rules: Sequence[Rule], declaration: Declaration) -> Iterator[Violation]:
    """What the rules find in one resource."""
    for rule in rules:
        for message in rule.check(declaration):
            yield Violation(rule=rule.name, urn=declaration.urn, message=message)


def program_violations(
    rules: Sequence[ProgramRule], declarations: Sequence[Declaration]
) -> Iterator[Violation]:
    """What the rules find in a whole program."""
    for rule in rules:
        for declaration, message in rule.check(declarations):
            yield Violation(rule=rule.name, urn=declaration.urn, message=message)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a known mapping, else an empty one."""
    value = known(value)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The entries of a known list; a single value is a list of one, nothing an empty one."""
    value = known(value)
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]
