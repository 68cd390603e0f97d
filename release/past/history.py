"""A stack's history, as `pulumi stack history --json --page-size 0 --show-secrets=false` tells it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from pydantic import ValidationError

from components.rollout import Share, share
from release.errors import RefusedError
from release.past import identity, message
from release.past.identity import Identity
from release.past.message import Note
from sections.pin import Pin

_PREFIX = "alys:"
_STACK_AND_MORE = 2


@dataclass(frozen=True, kw_only=True)
class Release:
    """One update of a stack: what it was to make run, and how it ended."""

    pin: Pin
    replicas: int | None
    kind: str
    """`update`, `destroy`, `refresh` ... as the engine names it."""
    result: str
    """`succeeded`, `failed` or `in-progress`."""
    began: datetime
    ended: datetime | None
    who: str
    message: str
    resources: int
    """How many resources the update had finished with, unchanged ones included."""

    @cached_property
    def identity(self) -> Identity:
        """What it was to make run, whatever the share."""
        return identity.of(self.pin)

    @cached_property
    def note(self) -> Note | None:
        """What the driver noted; None for an update by hand, or where the note speaks of another release."""
        note = message.parse(self.message)
        return note if note and (note.to is None or note.to.covers(self.identity)) else None

    @property
    def succeeded(self) -> bool:
        """Was deployed, became ready, passed its smoke test."""
        return self.result == "succeeded"

    @property
    def whole(self) -> bool:
        """Whether it was for all pods."""
        return self.pin.rollout == 100  # noqa: PLR2004

    @property
    def tried(self) -> bool:
        """Whether it got to the release: one that the program refused finishes with the stack alone."""
        return self.resources >= _STACK_AND_MORE

    @property
    def share(self) -> Share | None:
        """The pods that it was for; None where the entry doesn't hold the number of replicas."""
        return share(self.replicas, self.pin.rollout) if self.replicas else None


def read(text: str, *, stack: str) -> tuple[Release, ...]:
    """Read the CLI's JSON; `RefusedError` where it is none."""
    try:
        return releases(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RefusedError(
            what="The stack's history can't be read; nothing was changed",
            where=f"stack {stack}",
            remedy=f"See what it holds:  pulumi stack history -s {stack} --json --page-size 0",
        ) from None


def releases(entries: Iterable[Mapping[str, Any]]) -> tuple[Release, ...]:
    """The updates, oldest first, in whatever order and however often the entries come.

    Entries whose pin isn't of today's form are left out: nobody could go back to them.
    """
    # The engine's times are whole seconds. One stack is updated by one process at a time, so that only
    # updates that all end within the second they began in can be alike; those are put in *an* order.
    once = {json.dumps(entry, sort_keys=True): entry for entry in entries}
    ordered = sorted((_times(entry), text) for text, entry in once.items())
    return tuple(filter(None, (_release(once[text]) for _, text in ordered)))


def _times(entry: Mapping[str, Any]) -> tuple[datetime, datetime]:
    began = _time(entry["startTime"])
    return began, _time(entry["endTime"]) if entry.get("endTime") else began


def _release(entry: Mapping[str, Any]) -> Release | None:
    config: Mapping[str, Any] = entry.get("config") or {}
    try:
        pin = Pin.model_validate(
            {key: _value(config[_PREFIX + key]) for key in Pin.model_fields if _PREFIX + key in config}
        )
    except ValidationError:
        return None
    text = str(entry.get("message") or "")
    environment: Mapping[str, str] = entry.get("environment") or {}
    changes: Mapping[str, int] = entry.get("resourceChanges") or {}
    note = message.parse(text)
    began, _ = _times(entry)
    return Release(
        pin=pin,
        replicas=_replicas(config),
        kind=str(entry.get("kind")),
        result=str(entry.get("result")),
        began=began,
        ended=_time(entry["endTime"]) if entry.get("endTime") else None,
        who=(note.by if note else "") or environment.get("git.author", ""),
        message=text,
        resources=sum(changes.values()),
    )


def _value(held: Mapping[str, Any]) -> Any:
    return held["objectValue"] if "objectValue" in held else held.get("value")


def _replicas(config: Mapping[str, Any]) -> int | None:
    section = _value(config.get(_PREFIX + "release") or {})
    replicas = cast("Mapping[str, Any]", section).get("replicas") if isinstance(section, Mapping) else None
    return replicas if isinstance(replicas, int) and replicas > 0 else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
