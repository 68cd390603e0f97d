"""The words of the command line, refused or understood before any process starts."""

import itertools
import re
from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import TypeAdapter, ValidationError

from release.errors import UsageError, shown
from sections.values import Name, Version

STEPS_AT_MOST = 20
SOAK_AT_MOST_SECONDS = 7 * 24 * 3600
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def version(text: str) -> str:
    """A version that can be pinned: the tag grammar of image registries, and never `latest`."""
    try:
        return TypeAdapter(Version).validate_python(text)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(
            what=f"{shown(text)} {reason}; nothing was changed",
            where="argument VERSION",
            remedy="A version is the tag of an image, for example:  release deploy staging v1.2.3",
        ) from None


def stack(text: str, *, known: Iterable[str]) -> str:
    """The name of a stack that has a stack file; `known` are those that have one."""
    names = sorted(known)
    try:
        name = TypeAdapter(Name).validate_python(text)
    except ValidationError:
        name = None
    if name in names:
        return text
    near = get_close_matches(text, names, n=1) if name else []
    meant = f"Did you mean {near[0]}?  " if near else ""
    raise UsageError(
        what=f"There is no stack {shown(text)}; nothing was changed",
        where="argument STACK",
        remedy=f"{meant}The stacks are {', '.join(names) or 'none: no Pulumi.<stack>.yaml is here'}.",
    )


def steps(text: str) -> tuple[int, ...]:
    """Percents that rise, such as `10,50,100`."""
    words = text.split(",")[: STEPS_AT_MOST + 1]
    percents = [int(word) for word in words if re.fullmatch(r"[0-9]{1,3}", word)]
    rising = all(a < b for a, b in itertools.pairwise(percents))
    if len(percents) == len(words) <= STEPS_AT_MOST and rising and 0 < percents[0] <= percents[-1] <= 100:  # noqa: PLR2004
        return tuple(percents)
    raise UsageError(
        what=f"{shown(text)} is no list of steps: whole percents from 1 to 100, each above the last",
        where="option --steps",
        remedy="For example:  --steps 10,50,100",
    )


def seconds(text: str, *, option: str = "--soak") -> int:
    """A length of time such as `90s`, `5m` or `1h`, in seconds."""
    if found := re.fullmatch(r"([0-9]{1,6})([smhd]?)", text):
        length = int(found[1]) * _SECONDS[found[2]]
        if length <= SOAK_AT_MOST_SECONDS:
            return length
    raise UsageError(
        what=f"{shown(text)} is no length of time up to 7 days",
        where=f"option {option}",
        remedy=f"For example:  {option} 90s, {option} 5m or {option} 1h",
    )
