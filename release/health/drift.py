"""What somebody has changed by hand: what is there, against what Helm made and the history says. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from release.past.identity import Identity

_KEYS = ("name", "mountPath", "containerPort", "key")
"""By which entries of a list are told apart, as the API itself does."""
_WHOLE = {"containers", "initContainers", "env"}
"""Lists that hold what the chart says and nothing else."""
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(m|[kKMGTP]i?)?")
_UNITS = {None: Decimal(1), "m": Decimal("0.001"), "k": Decimal(10**3)} | {
    unit: Decimal(factor)
    for power, letter in enumerate("KMGTP", start=1)
    for unit, factor in ((letter, 10 ** (3 * power)), (f"{letter}i", 2 ** (10 * power)))
}
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_MISSING = object()


def by_hand(made: Mapping[str, Any], there: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Sentences, one for each difference between an object as Helm made it and as it is."""
    kind = str(made.get("kind"))
    if there is None:
        return (f"the {kind} that Helm made is gone",)
    found = _differences(made.get("spec") or {}, there.get("spec") or {}, "spec")
    return tuple(f"{kind} {path} is {is_}, and Helm made it {was}" for path, is_, was in found)


def besides_history(deployed: Identity, running: Identity | None) -> tuple[str, ...]:
    """A sentence where somebody used Helm by hand: it has deployed what no update was to."""
    if running is None or (deployed.version == running.version and deployed.same_image(running)):
        return ()
    return (f"Helm has deployed {deployed.short}, and the newest update was to {running.short}",)


def _differences(made: Any, there: Any, path: str) -> Iterator[tuple[str, str, str]]:
    # Only what the chart says is looked at: the rest the API fills in.
    if isinstance(made, Mapping) and isinstance(there, Mapping):
        was, is_ = cast("Mapping[str, Any]", made), cast("Mapping[str, Any]", there)
        for key, value in was.items():
            yield from _differences(value, is_.get(key, _MISSING), f"{path}.{key}")
    elif isinstance(made, list) and isinstance(there, list):
        yield from _in_lists(cast("list[Any]", made), cast("list[Any]", there), path)
    elif not _alike(made, there):
        yield path, _shown(there), _shown(made)


def _in_lists(made: Sequence[Any], there: Sequence[Any], path: str) -> Iterator[tuple[str, str, str]]:
    was, is_ = _named(made), _named(there)
    for name, value in was.items():
        yield from _differences(value, is_.get(name, _MISSING), f"{path}[{name}]")
    if path.rpartition(".")[2] in _WHOLE:
        for name in is_.keys() - was.keys():
            yield f"{path}[{name}]", "there", "without it"


def _named(entries: Sequence[Any]) -> dict[str, Any]:
    for key in _KEYS:
        if all(isinstance(one, Mapping) and key in one for one in entries):
            return {str(one[key]): one for one in entries}
    return {str(index): one for index, one in enumerate(entries)}


def _alike(made: Any, there: Any) -> bool:
    if there is _MISSING:
        # What is empty or off the API may leave out.
        return not made
    return made == there or (_amount(made) == _amount(there) is not None)


def _amount(value: Any) -> Decimal | None:
    """A quantity, however it is written: `0.5` is `500m`."""
    found = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    return Decimal(found[1]) * _UNITS[found[2]] if found else None


def _shown(value: Any) -> str:
    if value is _MISSING:
        return "gone"
    return _DIGEST.sub(r"\1", str(value))[:200]
