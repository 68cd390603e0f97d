"""`release backup` and `release backups`: the pods' data, kept."""

import time
from dataclasses import dataclass
from typing import Any

from release import preflight
from release.errors import RefusedError
from release.migration import backups as kept
from release.migration import data as datas
from release.migration.backups import Backup
from release.migration.passage import Data
from release.outcome import Outcome
from release.preflight import Preflight
from release.site import Site

KEEP = 5
"""How many whole backups stay, and of each format the newest."""


@dataclass(frozen=True, kw_only=True)
class Backups:
    """Those that there are."""

    stack: str
    pods: tuple[str, ...]
    found: tuple[Backup, ...]
    """Newest first."""
    made: str = ""
    """The name of the one that was just made."""
    deleted: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "stack": self.stack,
            "made": self.made or None,
            "deleted": list(self.deleted),
            "backups": [kept.told(one, self.pods) for one in self.found],
        }


def backup(site: Site, *, keep: int = KEEP) -> Backups:
    """Copy every pod's data while it runs, read the copies whole, and only then delete what may go."""
    data = _open(site, preflight.ready(site))
    pods, pin = data.pods(), site.file.read()
    name = f"{pin.phase or 'release'}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    site.screen.say(f"backing up {len(pods)} pods: {name}")
    problem = data.store.make(name, pods)
    found = data.backups()
    made = next((one for one in found if one.name == name), None)
    problem = problem or (data.broken(made, pods) if made else "it isn't there afterwards")
    if problem:
        raise RefusedError(
            what=f"The backup {name} can't be made: {problem}; nothing was deleted",
            where=f"namespace {data.cluster.namespace}",
            remedy=f"See what takes up the room:  release backups {site.stack.name}",
        )
    gone = expendable(data, found, pods, keep=keep)
    left = tuple(one for one in found if one.name not in gone)
    return Backups(stack=site.stack.name, pods=pods, found=left, made=name, deleted=gone)


def backups(site: Site) -> Backups:
    """Ask where they are kept."""
    data = _open(site, preflight.seen(site))
    return Backups(stack=site.stack.name, pods=data.pods(), found=data.backups())


def expendable(data: Data, found: tuple[Backup, ...], pods: tuple[str, ...], *, keep: int) -> tuple[str, ...]:
    """Delete what retention lets go; the names."""
    gone = tuple(one.name for one in kept.expendable(found, pods, keep=keep))
    if not gone:
        return ()
    if problem := data.store.forget(gone):
        data.screen.say(f"old backups could not be deleted: {problem}", "yellow")
        return ()
    return gone


def _open(site: Site, checks: Preflight) -> Data:
    datas.needs_store(site)
    return datas.open_data(site, checks.survey.cluster)
