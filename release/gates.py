"""Gates: what a release's metrics must say before it goes on. Pure: the asking is handed in."""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import Enum

from release.gates_file import Gate


class Verdict(Enum):
    """Only `PASS` promotes; after the soak `FAIL` goes back, and the other two wait for better before."""

    PASS = "pass"  # noqa: S105
    NO_DATA = "no data"
    ERROR = "error"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class QueryFailure:
    """Prometheus was asked and there is no answer to use."""

    reason: str


Answer = tuple[float, ...] | QueryFailure
"""The values of the series that a query gave."""
Ask = Callable[[str], Answer]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose metrics are looked at."""

    namespace: str
    version: str
    window_seconds: int | None = None
    """How long the version has run, where that is less than a gate's own window."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A gate's verdict with its evidence."""

    gate: str
    verdict: Verdict
    reason: str
    """`0.2 is above 0.01`: a whole sentence without the gate's name."""
    query: str
    value: float | None

    def __str__(self) -> str:
        """`error-rate: fail: 0.2 is above 0.01`."""
        return f"{self.gate}: {self.verdict.value}: {self.reason}"

    @property
    def json(self) -> dict[str, str | float | None]:
        """For programs."""
        return {**asdict(self), "verdict": self.verdict.value}


def check(gates: dict[str, Gate], scope: Scope, *, ask: Ask) -> tuple[Finding, ...]:
    """Ask about each gate in turn."""
    return tuple(_find(name, gate, scope, ask) for name, gate in gates.items())


def overall(findings: Iterable[Finding]) -> Verdict:
    """The worst verdict; nothing looked at is no data."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.NO_DATA)


def series(gate: Gate, scope: Scope) -> str:
    """A gate's series, of this version in this namespace alone."""
    return f"{gate.series}{{namespace={quoted(scope.namespace)},version={quoted(scope.version)}}}"


def quoted(text: str) -> str:
    """A PromQL string that stands for exactly this text, whatever it holds."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    return (
        '"' + "".join(escapes.get(c) or (f"\\x{ord(c):02x}" if ord(c) < ord(" ") else c) for c in text) + '"'
    )


def _find(name: str, gate: Gate, scope: Scope, ask: Ask) -> Finding:
    query = _filled(gate, scope)
    value: float | None = None
    judged = _doubted(gate, scope, ask)
    if judged is None:
        answer = _one(ask(query))
        if isinstance(answer, QueryFailure):
            judged = (Verdict.ERROR, answer.reason)
        elif answer is None:
            judged = (Verdict.NO_DATA, "the query gave nothing")
        else:
            value, judged = answer, _judged(gate, answer)
    return Finding(gate=name, verdict=judged[0], reason=judged[1], query=query, value=value)


def _doubted(gate: Gate, scope: Scope, ask: Ask) -> tuple[Verdict, str] | None:
    """Why the figure would say nothing yet: too few samples behind it, or too old ones."""
    of_this, window = series(gate, scope), _window(gate, scope)
    samples = _one(ask(f"sum(count_over_time({of_this}[{window}]))"))
    if isinstance(samples, QueryFailure):
        return Verdict.ERROR, samples.reason
    if samples is None or not samples >= gate.min_samples:
        return Verdict.NO_DATA, f"{samples or 0:g} of at least {gate.min_samples} samples in {window}"
    age = _one(ask(f"time() - min(timestamp({of_this}))"))
    if isinstance(age, QueryFailure):
        return Verdict.ERROR, age.reason
    if age is None or not age <= gate.fresh_seconds:
        since = "gone" if age is None else f"{age:.0f} s old"
        return Verdict.NO_DATA, f"the newest sample is {since}, and may be {gate.fresh_seconds} s old"
    return None


def _judged(gate: Gate, value: float) -> tuple[Verdict, str]:
    if not math.isfinite(value):
        return Verdict.FAIL, f"{value} is no number to compare"
    if gate.max is not None and value > gate.max:
        return Verdict.FAIL, f"{value:g} is above {gate.max:g}"
    if gate.min is not None and value < gate.min:
        return Verdict.FAIL, f"{value:g} is below {gate.min:g}"
    return Verdict.PASS, f"{value:g} is within bounds"


def _one(answer: Answer) -> float | QueryFailure | None:
    if isinstance(answer, QueryFailure):
        return answer
    if len(answer) > 1:
        return QueryFailure(reason=f"{len(answer)} series, and a gate looks at one: aggregate them")
    return answer[0] if answer else None


def _window(gate: Gate, scope: Scope) -> str:
    return f"{min(scope.window_seconds or gate.window_seconds, gate.window_seconds)}s"


def _filled(gate: Gate, scope: Scope) -> str:
    # The series last: what it holds is never filled in again.
    return gate.query.replace("$window", _window(gate, scope)).replace("$series", series(gate, scope))
