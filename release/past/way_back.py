"""Whether a release, once it is made, can be taken back as it came. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.feature_flags import active_flags
from release.outside.registry import Absent, Answer, Denied, Found, Unreachable
from release.past.history import Release
from sections.pin import FlagValue, Pin


@dataclass(frozen=True, kw_only=True)
class Charts:
    """Digests of the chart's folder."""

    here: str
    """What the release would be made with, and everything after it."""
    runs: str | None
    """What was deployed last; None where nothing was."""


def obstacles(
    wanted: Pin, good: Release | None, *, answer: Answer | None, charts: Charts, no_return: Iterable[str]
) -> tuple[str, ...]:
    """Why nobody can be sure of the way back; none where it is open.

    `good` is what would be gone back to, and `answer` what the registry says of its digest.
    """
    if good is None:
        return ("no good release was before it, so there is none to go back to",)
    return (
        *_image(good.pin, answer),
        *_chart(charts),
        *_flags(good.pin, wanted),
        *no_return,
    )


def pin_changes(before: Pin | None, after: Pin) -> tuple[str, ...]:
    """`version: v1.0.0 -> v2.0.0`, a line for each part of the pin that differs."""
    if before is None:
        return (f"version: {after.version}",)
    was, is_ = active_flags(before), active_flags(after)
    parts = [
        ("version", before.version, after.version),
        ("digest", before.digest, after.digest),
        ("phase", before.phase, after.phase),
        ("rollout", f"{before.rollout} %", f"{after.rollout} %"),
        *((f"flag {name}", was.get(name), is_.get(name)) for name in sorted({*was, *is_})),
    ]
    return tuple(
        f"{name}: {_shown(a)} -> {_shown(b)}" for name, a, b in parts if (a, type(a)) != (b, type(b))
    )


def _image(pin: Pin, answer: Answer | None) -> Iterator[str]:
    match answer:
        case None:
            yield f"{pin.version} was released without a digest, so nobody knows whether it is still the same"
        case Absent():
            yield f"the registry has no {pin.digest} any more, which is {pin.version}"
        case Denied():
            yield f"the registry doesn't say to us whether it still has {pin.version}"
        case Unreachable(reason=reason):
            yield f"the registry can't be asked whether it still has {pin.version}: {reason}"
        case Found():
            return


def _chart(charts: Charts) -> Iterator[str]:
    if charts.runs and charts.here != charts.runs:
        yield (
            f"the chart was changed since the last update ({charts.runs}, here {charts.here}): "
            "to go back would take the old version to the new chart"
        )


def _flags(good: Pin, wanted: Pin) -> Iterator[str]:
    for name, flag in good.flags.items():
        if name not in wanted.flags:
            yield f"flag {name} is gone, and {good.version} has it"
        elif type(wanted.flags[name].value) is not type(flag.value):
            kinds = f"{_kind(wanted.flags[name].value)}, and {good.version} has {_kind(flag.value)}"
            yield f"flag {name} is {kinds}"


def _kind(value: FlagValue) -> str:
    names: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return names[type(value)]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)
