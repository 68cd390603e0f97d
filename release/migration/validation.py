"""Whether the nodes' data is what it was, and what the pinned phase says: small checks. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from components.feature_flags import active_flags
from sections.pin import Pin


class Head(BaseModel):
    """The newest block of a node, as it answers at `/chain`."""

    model_config = ConfigDict(frozen=True)

    height: int
    state_root: str
    format: int = 0
    """Zero where only the block is known."""
    phase: str = ""

    def __str__(self) -> str:
        """As the node's commands take it."""
        return f"{self.height}:{self.state_root}"


Heads = Mapping[str, Head]
"""By pod."""


class Report(BaseModel):
    """What the node's own validation says of its data; a newer node may say more."""

    model_config = ConfigDict(frozen=True)

    ok: bool
    problems: tuple[str, ...] = ()


_REPORT = TypeAdapter(Report)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One pod, looked at."""

    pod: str
    pinned: bool
    """Whether it runs what is pinned."""
    head: Head
    then: str
    """State root of the height that it had before; empty where it has none."""
    common: str
    """State root of the lowest height that any pod has."""
    flags: Mapping[str, Any]
    metrics: str
    report: Report | None = None
    """None where its data was not read."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must be so, of one pod."""

    name: str
    pod: str
    passed: bool
    says: str

    def __str__(self) -> str:
        """`heights only grow: alys-node-1: 12, and before 15`."""
        return f"{self.name}: {self.pod}: {self.says}"

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def report(text: str) -> Report:
    """What the validation command printed; anything else is a report that says so."""
    try:
        return _REPORT.validate_python(json.loads(text.strip().splitlines()[-1]))
    except (ValueError, IndexError, ValidationError):
        said = " ".join(text.split())[:200] or "nothing"
        return Report(ok=False, problems=(f"its validation says no report: {said}",))


def checks(
    before: Heads, seen: Iterable[Sight], pin: Pin, *, number: int, series: Iterable[str]
) -> list[Check]:
    """Every check of every pod; `number` is the pinned format, `series` what gates look at."""
    sights, wanted = tuple(seen), tuple(series)
    found = [check for sight in sights for check in _kept(before.get(sight.pod), sight)]
    found += [_check("peers agree", one, one.common == sights[0].common, one.common[:12]) for one in sights]
    for sight in filter(lambda one: one.pinned, sights):
        found += _declared(sight, pin, number, wanted)
    missing = before.keys() - {one.pod for one in sights}
    found += [
        Check(name="every pod answers", pod=pod, passed=False, says="it doesn't") for pod in sorted(missing)
    ]
    return found


def failed(found: Iterable[Check]) -> str:
    """The first that isn't so; nothing where all are."""
    return next((str(check) for check in found if not check.passed), "")


def _kept(before: Head | None, sight: Sight) -> Iterator[Check]:
    if before is None:
        return
    grown = sight.head.height >= before.height
    yield _check("heights only grow", sight, grown, f"{sight.head.height}, and before {before.height}")
    same = sight.then == before.state_root
    says = f"that of height {before.height} is {sight.then[:12] or 'gone'}, and was {before.state_root[:12]}"
    yield _check("state roots stay", sight, same, says)


def _declared(sight: Sight, pin: Pin, number: int, series: tuple[str, ...]) -> Iterator[Check]:
    head, phase = sight.head, pin.phase or ""
    says = f"{head.phase or 'none'} in format {head.format}, and {phase or 'none'} in {number} is pinned"
    yield _check("phase as pinned", sight, (head.phase, head.format) == (phase, number), says)
    wrong = [
        f"{name} = {sight.flags.get(name)!r}, and {value!r} is pinned"
        for name, value in active_flags(pin).items()
        if sight.flags.get(name) != value
    ]
    yield _check("flags as pinned", sight, not wrong, "; ".join(wrong) or "all")
    absent = [name for name in series if f"\n{name}" not in f"\n{sight.metrics}"]
    yield _check("metrics are there", sight, not absent, f"no {', '.join(absent)}" if absent else "all")
    if sight.report:
        problems = "; ".join(sight.report.problems)
        yield _check("data is whole", sight, sight.report.ok, problems or "every block")


def _check(name: str, sight: Sight, passed: bool, says: str) -> Check:
    return Check(name=name, pod=sight.pod, passed=passed, says=says)
