"""`release migrate --rehearse`: the newest backup of every pod, migrated there and back on a copy."""

import secrets
from dataclasses import dataclass
from typing import Any

from release import preflight
from release.errors import RefusedError
from release.migration import data as datas
from release.migration.backups import Backup, good
from release.migration.crossing import Crossing, following
from release.migration.data_jobs import Ended
from release.migration.rehearsal_job import rehearsal_job
from release.migration.store import folder
from release.outcome import Outcome
from release.site import Site
from release.verbs.migrate import planned, show


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What came of it; nothing of it is left."""

    stack: str
    crossing: Crossing
    backup: Backup
    ended: tuple[Ended, ...]
    """Of each pod's copy."""

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.DONE if all(one.passed for one in self.ended) else Outcome.NOT_WELL

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "stack": self.stack,
            "crossing": self.crossing.json,
            "backup": self.backup.name,
            "pods": {one.pod: {"passed": one.passed, "said": one.said.splitlines()} for one in self.ended},
            "outcome": self.outcome.label,
        }


def rehearse(site: Site, wanted: str | None) -> Rehearsed:
    """Restore, migrate, go back; each validated, and none of it on data that a pod has.

    Without a phase the next one.
    """
    survey = preflight.seen(site).survey
    data = datas.open_data(site, survey.cluster)
    phase = wanted or following(data.phases, survey.ledger, stack=site.stack.name)
    found = planned(site, survey, phase)
    show(site, found)
    datas.needs_store(site)
    pods = data.pods()
    backup = next(iter(good(data.backups(), pods)), None)
    if backup is None:
        raise RefusedError(
            what="There is no whole backup to rehearse on; nothing was changed",
            where=data.store.where,
            remedy=f"Make one:  release backup {site.stack.name}",
        )
    site.screen.say(f"  on a copy of {backup.name}")
    first = data.phases.order[0]
    ended: list[Ended] = []
    with data.store.mounted(backup.name, pods) as mounts:
        for pod in pods:
            job = rehearsal_job(
                data.jobs.statefulset(),
                pod,
                folder(backup.name, pod),
                backup.parts[pod],
                name=f"{pod}-rehearse-{secrets.token_hex(3)}",
                mounts=mounts[pod],
                limit_seconds=site.release.timing.migration,
                phases=(found.before.phase or first, phase),
                way_back=found.step.way_back,
            )
            ended.append(data.jobs.make(job, pod=pod))
    return Rehearsed(stack=site.stack.name, crossing=found, backup=backup, ended=tuple(ended))
