"""`release migrate --rehearse`: a migration there and back, on a throwaway copy of the stack."""

import time
from dataclasses import dataclass, replace
from typing import Any

from release import preflight
from release.delivery import Delivery
from release.errors import RefusedError
from release.migration import data as datas
from release.migration import validation
from release.migration.backups import Backup, good
from release.migration.crossing import Crossing, following
from release.migration.passage import Data, backup_head, newest
from release.migration.phases import Kind
from release.migration.phases_file import WayBack
from release.outcome import Outcome
from release.plan import Plan
from release.rehearsal.stage import stage
from release.result import Result
from release.site import Site
from release.verbs.migrate import Wish, migrate, planned, show
from release.verbs.restore import restore
from release.verbs.rollback import rollback
from sections.pin import Pin


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What came of it; nothing of it is left but what the runs have written down."""

    stack: str
    crossing: Crossing
    backup: Backup
    runs: tuple[Result, ...]
    """On the copy: the start as of before, then into the phase, then back."""
    problem: str
    """What was found wrong at last; empty where nothing was."""
    cancelled: bool
    seconds: float

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        if self.cancelled:
            return Outcome.CANCELLED
        return Outcome.NOT_WELL if self.problem else Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "stack": self.stack,
            "crossing": self.crossing.json,
            "backup": self.backup.name,
            "runs": [one.json for one in self.runs],
            "problem": self.problem,
            "seconds": round(self.seconds, 1),
            "outcome": self.outcome.label,
        }


def rehearse(site: Site, wish: Wish) -> Rehearsed:
    """Start a copy on the newest backup, migrate it, go back, and take it away; the stack isn't touched.

    A wish without a phase is for the next one.
    """
    survey = preflight.seen(site).survey
    data = datas.open_data(site, survey.cluster)
    stack = site.stack.name
    wanted = replace(wish, phase=wish.phase or following(data.phases, survey.ledger, stack=stack))
    found = planned(site, survey, wanted.phase)
    show(site, found)
    datas.needs_store(site)
    backup = next(iter(good(data.backups(), data.pods())), None)
    if backup is None:
        raise RefusedError(
            what="There is no whole backup to rehearse on; nothing was changed",
            where=data.store.where,
            remedy=f"Make one:  release backup {stack}",
        )
    began = time.monotonic()
    with site.signals:
        site.screen.begin(f"a copy of {stack} with the data of {backup.name}")
        with stage(site, data, backup, found.before) as copy:
            runs, problem = play(copy, found, wanted, backup)
    return Rehearsed(
        stack=stack,
        crossing=found,
        backup=backup,
        runs=runs,
        problem=problem,
        cancelled=bool(site.signals.cancelled),
        seconds=time.monotonic() - began,
    )


def play(copy: Site, found: Crossing, wish: Wish, backup: Backup) -> tuple[tuple[Result, ...], str]:
    """The runs, and what is wrong with the last of them or with what it left."""
    runs = (_start(copy, found.before),)
    # What the phase is entered with, such as a flag, comes with it.
    copy.file.write(found.wanted.model_copy(update={"phase": found.before.phase}))
    for run in (lambda: migrate(copy, wish), lambda: _back(copy, found)):
        if runs[-1].outcome is not Outcome.DONE or copy.signals.any:
            break
        runs = (*runs, run())
    last = runs[-1]
    if last.outcome is not Outcome.DONE:
        return runs, f"{last.verb}: {last.reason or last.outcome.label}"
    heads = {pod: backup_head(backup, pod) for pod in backup.parts}
    return runs, validation.failed(_data(copy).validate(heads, found.before, when="after the rehearsal"))


def _start(copy: Site, pin: Pin) -> Result:
    plan = Plan(verb="deploy", pin=pin, steps=(100,), soak_seconds=0, patience_seconds=0, gates={}, ask=None)
    return Delivery(site=copy, survey=copy.survey(), plan=plan).deliver()


def _back(copy: Site, found: Crossing) -> Result:
    """As the phase says it is undone, also where nobody could go back once it was passed."""
    before = found.before
    if found.step.kind is Kind.LEAVE:
        return migrate(copy, Wish(phase=str(before.phase), steps=(100,), soak_seconds=0))
    if found.step.way_back is WayBack.RESTORE:
        data = _data(copy)
        return restore(copy, newest(data.backups(), data.pods(), before).name)
    return rollback(copy, to=None, emergency=False)


def _data(copy: Site) -> Data:
    return datas.open_data(copy, copy.cluster())
