"""`release rollback`: back to a release that was good, at once."""

import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime

from release import preflight
from release.between import Between
from release.delivery import Delivery
from release.errors import ContactLostError, RefusedError
from release.locking import lock_files, locks
from release.locking.locks import Lock, Owner
from release.locking.turn_holder import surely_free
from release.outside import helm_record
from release.outside.cluster import Cluster
from release.past import ledger as ledgers
from release.past.history import Release
from release.past.identity import Identity
from release.past.ledger import Ledger
from release.plan import way_back
from release.result import Result
from release.signals import STAND_DOWN
from release.site import Site
from release.survey import Survey, judged

LETS_GO_WITHIN_SECONDS = 90
"""An update that is interrupted has Helm put the old pods back first."""


def rollback(site: Site, *, to: str | None, emergency: bool, message: str = "") -> Result:
    """Go back; an emergency stops an update that runs, and asks nothing but the cluster and the state."""
    if emergency:
        stop(site)
    checks = preflight.ready(site, emergency=emergency)
    survey = checks.survey
    target = target_of(survey.ledger, to, stack=site.stack.name)
    if not emergency:
        still_there(site, target)
    between = beside(site, survey, target)
    checks.mend()
    # Where a phase is left the pods may need their backups beside them first.
    if emergency and survey.cluster and survey.sees_locks and type(between) is Between:
        begin_at_once(site, survey.cluster, target)
    plan = way_back(target, verb="rollback", message=message)
    return Delivery(site=site, survey=survey, plan=plan, between=between).go_back_to(target)


def once_good(site: Site, version: str) -> None:
    """Refuse a version that never was good before anybody is stopped for it, from the history alone.

    Where there is nobody to stop it is refused in time all the same, and the second that this takes is saved.
    """
    if surely_free(site.project, site.stack.name) and not _live(site):
        return
    target_of(ledgers.ledger(site.stack.history()), version, stack=site.stack.name)


def beside(site: Site, survey: Survey, target: Release) -> Between:
    """What going back to a release needs beside it: nothing where no phase is left.

    `RefusedError` where the target's phase can't be gone back to.
    """
    pins = [target.pin, *(one.pin for one in (survey.ledger.running, survey.ledger.latest) if one)]
    if not any(pin.phase for pin in pins):
        return Between()
    # Only where there are phases: an emergency has no second to lose.
    from release.migration import crossing  # noqa: PLC0415
    from release.migration import data as datas  # noqa: PLC0415
    from release.migration.passage import Passage  # noqa: PLC0415
    from release.verbs.migrate import stands_ready  # noqa: PLC0415

    restore = crossing.return_to(datas.known(site), survey.ledger, target)
    if len({pin.phase for pin in pins}) == 1:
        return Between()
    data = datas.open_data(site, survey.cluster)
    # Of what a backup takes back, its manifest says what must be there.
    kept = {
        pod: head
        for pod, head in data.heads().items()
        if not restore or head.phase == (target.pin.phase or "")
    }
    return Passage(data=data, before=kept, restore=restore, wait_seconds=stands_ready(site))


def target_of(ledger: Ledger, version: str | None, *, stack: str) -> Release:
    """The release to go back to; `RefusedError` where the history has none. Pure."""
    if version:
        found = ledger.target(version)
        known = ", ".join(dict.fromkeys(one.pin.version for one in ledger.targets())) or "none"
        problem = f"{version} never was a good release of this stack; those that were: {known}"
    else:
        found = ledger.last_good(besides=leaving(ledger))
        problem = "There is no good release to go back to"
    if found is None:
        raise RefusedError(
            what=f"{problem}; nothing was changed",
            where=f"stack {stack}",
            remedy=f"See what has run:  release history {stack}",
        )
    return found


def leaving(ledger: Ledger) -> Identity | None:
    """What a rollback without a target leaves: the newest that was tried, or else what runs."""
    latest = ledger.latest
    if latest and latest.kind == "update" and not latest.succeeded:
        return latest.identity
    return ledger.running.identity if ledger.running else None


def begin_at_once(site: Site, cluster: Cluster, target: Release) -> None:
    """Have Helm begin with the pods, seconds before the engine is up; the update then waits for them.

    Best effort: where Helm no longer remembers the release, the update begins with the pods itself.
    """
    try:
        if number := helm_record.of_pin(cluster, target.pin):
            cluster.begin_rollback(number, site.environment)
            site.screen.say(f"Helm has begun with the pods: back to its revision {number}")
    except ContactLostError as error:
        site.screen.say(error.what, "yellow")


def still_there(site: Site, target: Release) -> None:
    """Refuse a target whose image the registry says it hasn't got any more."""
    from release.outside import registry  # noqa: PLC0415  an emergency doesn't wait for an HTTP client

    image, digest = site.release.image, target.pin.digest
    if digest and isinstance(registry.ask(site.environment, image, digest), registry.Absent):
        raise RefusedError(
            what=f"The registry has no {digest} any more, so {target.pin.version} can't be pulled; "
            "nothing was changed",
            where=f"{image}:{target.pin.version}",
            remedy=f"Another one that was good:  release history {site.stack.name}\n"
            "The machines may still have the image; to try it all the same:  "
            f"release rollback {site.stack.name} --to {target.pin.version} --emergency",
        )


def stop(site: Site) -> None:
    """Have the update end that holds the stack, and its driver leave the rest to us."""
    over = time.monotonic() + LETS_GO_WITHIN_SECONDS
    told: set[Lock] = set()
    while live := _live(site):
        for lock in live:
            if lock not in told:
                told.add(lock)
                site.screen.say(f"stopping the update of process {lock.pid}")
                _tell(lock)
        if time.monotonic() > over:
            raise locks.held(live[0], Owner.LIVE, stack=site.stack.name, now=datetime.now(UTC))
        time.sleep(0.1)


def _live(site: Site) -> list[Lock]:
    try:
        held = judged(site.stack) or {}
    except ContactLostError:
        # What can't be seen can't be stopped; preflight says so.
        return []
    return [lock for lock, owner in held.items() if owner is Owner.LIVE]


def _tell(lock: Lock) -> None:
    driver = lock_files.driver(lock)
    with suppress(ProcessLookupError, PermissionError):
        if driver and lock_files.started(driver):
            os.kill(driver, STAND_DOWN)
        elif lock.pid:
            os.kill(lock.pid, signal.SIGINT)
