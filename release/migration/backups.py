"""Backups of the pods' data: which are whole, which may go, which may be restored. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from release.errors import RefusedError, shown

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Whole = Annotated[int, Field(ge=0)]


class Manifest(BaseModel):
    """What the node's own `backup` wrote down; a newer node may write down more."""

    model_config = ConfigDict(frozen=True)

    version: str
    phase: str
    """Empty before the first."""
    pod: str
    format: Whole
    height: Whole
    state_root: Hex
    sha256: Hex
    size: Whole
    """In bytes."""
    made: Whole
    """In seconds since 1970."""


class Part(BaseModel):
    """The data of one pod, as `alys-node backups` tells it."""

    model_config = ConfigDict(frozen=True)

    name: str
    folder: str
    """The pod's name."""
    manifest: Manifest | None = None
    problem: str | None = None
    """Why it can't be restored."""


_PARTS = TypeAdapter(list[Part])


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The data of all pods under one name."""

    name: str
    parts: Mapping[str, Part]
    """By pod."""

    @property
    def made(self) -> datetime:
        """When its last part was; of one without any, the beginning of time."""
        seconds = [part.manifest.made for part in self.parts.values() if part.manifest]
        return datetime.fromtimestamp(max(seconds, default=0), UTC)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(part.manifest.size for part in self.parts.values() if part.manifest)

    @property
    def format(self) -> int:
        """Of its data; the newest where parts differ, as after a rollout that stopped half-way."""
        return max((part.manifest.format for part in self.parts.values() if part.manifest), default=0)

    def problems(self, pods: Iterable[str]) -> tuple[str, ...]:
        """What keeps it from being restored to these pods."""
        missing = [f"it has nothing of {pod}" for pod in pods if pod not in self.parts]
        broken = [part.problem or "" for part in self.parts.values() if part.manifest is None]
        return (*missing, *broken)


def read(text: str, *, where: str) -> list[Part]:
    """What `alys-node backups` told of; `RefusedError` for anything else."""
    try:
        return _PARTS.validate_json(text)
    except ValidationError:
        raise RefusedError(
            what=f"The list of backups can't be read: {shown(text)}; nothing was changed",
            where=where,
            remedy="Use a version of the node that knows `alys-node backups`.",
        ) from None


def gathered(parts: Iterable[Part]) -> tuple[Backup, ...]:
    """The backups that the parts make up, newest first."""
    every = tuple(parts)
    found = [
        Backup(name=name, parts={part.folder: part for part in every if part.name == name})
        for name in {part.name for part in every}
    ]
    return tuple(sorted(found, key=lambda backup: (backup.made, backup.name), reverse=True))


def good(backups: Iterable[Backup], pods: Iterable[str]) -> tuple[Backup, ...]:
    """Those that hold the data of all pods, newest first."""
    wanted = tuple(pods)
    return tuple(backup for backup in backups if not backup.problems(wanted))


def expendable(backups: Iterable[Backup], pods: Iterable[str], *, keep: int) -> tuple[Backup, ...]:
    """What retention may delete: never one of the `keep` newest good ones, and never the last good one.

    One that isn't whole goes only when a newer one is: it may still be in the making. Of each format the
    newest good one stays, too, since no other leads back to before a point of no return.
    """
    every = tuple(backups)
    whole = good(every, pods)
    newest = {backup.format: backup for backup in reversed(whole)}
    kept = {backup.name for backup in (*whole[: max(keep, 1)], *newest.values())}
    if not whole:
        return ()
    since = every.index(whole[0])
    return tuple(
        backup
        for place, backup in enumerate(every)
        if backup.name not in kept and (backup in whole or place > since)
    )


def choose(backups: Iterable[Backup], name: str, pods: Iterable[str], *, format_limit: int) -> Backup:
    """The backup of a name that is to be restored; `RefusedError` where it can't be.

    `format_limit` is what the pinned phase writes: its pods bring older data forward, and newer data not
    always back.
    """
    every, wanted = tuple(backups), tuple(pods)
    whole = [backup.name for backup in good(every, wanted)]
    remedy = f"Restore one of:  {', '.join(whole)}" if whole else "There is no whole backup."
    found = next((backup for backup in every if backup.name == name), None)
    if found is None:
        raise _refusal(f"There is no backup {shown(name)}", remedy)
    if problems := found.problems(wanted):
        raise _refusal(f"The backup {name} can't be restored: {'; '.join(problems)}", remedy)
    if found.format > format_limit:
        raise _refusal(
            f"The backup {name} is of format {found.format}; the pinned phase takes {format_limit} or older",
            "Pin the phase that it was made in, and restore it then.",
        )
    return found


def lost(backup: Backup, heights: Mapping[str, int]) -> dict[str, int]:
    """How many blocks of each pod came after its part of a backup, so that a restore gives them up."""
    return {
        pod: max(height - part.manifest.height, 0)
        for pod, height in heights.items()
        if (part := backup.parts.get(pod)) and part.manifest
    }


def told(backup: Backup, pods: Iterable[str]) -> dict[str, Any]:
    """A backup for `--json`, with what is wrong with it."""
    return {
        "name": backup.name,
        "made": backup.made.isoformat(),
        "size": backup.size,
        "format": backup.format,
        "pods": {pod: part.manifest and part.manifest.model_dump() for pod, part in backup.parts.items()},
        "problems": list(backup.problems(pods)),
    }


def _refusal(what: str, remedy: str) -> RefusedError:
    return RefusedError(what=f"{what}; nothing was changed", where="the backups", remedy=remedy)
