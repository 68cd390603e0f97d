"""GitHub's expressions, as far as the workflows use them; another one is no answer but a failed test."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_TOKEN = re.compile(
    r"\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>\|\||&&|==|!=|[!()\[\],.]))"
)
_WORDS = {"true": True, "false": False, "null": None}
_OF_THE_JOB: dict[str, Callable[[str], bool]] = {
    "always": lambda _: True,
    "cancelled": lambda status: status == "cancelled",
    "failure": lambda status: status == "failure",
    "success": lambda status: status == "success",
}


def resolve(text: str, contexts: Mapping[str, Any]) -> str:
    """A text with its expressions filled in."""
    return EXPRESSION.sub(lambda found: _string(value(found[1], contexts)), text)


def holds(condition: str | None, contexts: Mapping[str, Any], status: str = "success") -> bool:
    """Whether a step or a job with this `if:` runs, after what came before it has ended so."""
    written = EXPRESSION.fullmatch(condition or "success()")
    expression = written[1] if written else condition or "success()"
    asks = any(re.search(rf"\b{name}\(", expression) for name in _OF_THE_JOB)
    return (asks or status == "success") and bool(value(expression, contexts, status))


def value(expression: str, contexts: Mapping[str, Any], status: str = "success") -> Any:
    """What an expression is."""
    reader = _Reader(expression, contexts, status)
    found = reader.either()
    assert reader.next is None, f"the tests can't evaluate {expression!r}: {reader.next} is left"
    return found


class _Reader:
    """Reads from left to right; each method what binds tighter than that of the one before."""

    def __init__(self, expression: str, contexts: Mapping[str, Any], status: str) -> None:
        self._contexts, self._status, self._expression = contexts, status, expression
        self._tokens, at = [], 0
        while at < len(expression.rstrip()):
            found = _TOKEN.match(expression, at)
            assert found, f"the tests can't evaluate {expression!r}: {expression[at:]!r}"
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    @property
    def next(self) -> tuple[str, str] | None:
        return self._tokens[0] if self._tokens else None

    def _take(self, *signs: str) -> str | None:
        if self.next and self.next[0] == "sign" and self.next[1] in signs:
            return self._tokens.pop(0)[1]
        return None

    def either(self) -> Any:
        found = self._both()
        while self._take("||"):
            other = self._both()
            found = found or other
        return found

    def _both(self) -> Any:
        found = self._compared()
        while self._take("&&"):
            other = self._compared()
            found = found and other
        return found

    def _compared(self) -> Any:
        found = self._negated()
        if sign := self._take("==", "!="):
            return _same(found, self._negated()) == (sign == "==")
        return found

    def _negated(self) -> Any:
        return not self._negated() if self._take("!") else self._one()

    def _one(self) -> Any:
        if self._take("("):
            found = self.either()
            assert self._take(")"), self._expression
            return found
        kind, word = self._tokens.pop(0)
        if kind == "text":
            return word.replace("''", "'")
        assert kind == "name", f"the tests can't evaluate {self._expression!r}: {word!r}"
        if self._take("("):
            return self._called(word)
        return _WORDS[word] if word in _WORDS else self._looked_up(word)

    def _called(self, name: str) -> Any:
        given = []
        while not self._take(")"):
            given.append(self.either())
            self._take(",")
        if name in _OF_THE_JOB:
            return _OF_THE_JOB[name](self._status)
        functions = {"toJSON": lambda it: json.dumps(it, indent=2), "fromJSON": json.loads, "format": _format}
        assert name in functions, f"the tests can't evaluate {name}()"
        return functions[name](*given)

    def _looked_up(self, root: str) -> Any:
        assert root in self._contexts, f"the test has given no `{root}` for {self._expression!r}"
        found: Any = self._contexts[root]
        while sign := self._take(".", "["):
            name = self._tokens.pop(0)[1] if sign == "." else self.either()
            assert sign == "." or self._take("]"), self._expression
            found = found.get(name) if isinstance(found, Mapping) else None
        return found


def _format(text: str, *given: Any) -> str:
    return text.format(*map(_string, given))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return _number(one) == _number(other)


def _number(found: Any) -> float:
    """What GitHub compares where one side is no text."""
    try:
        return float(found or 0)
    except ValueError:
        return math.nan


def _string(found: Any) -> str:
    return "" if found is None else str(found).lower() if isinstance(found, bool) else str(found)
