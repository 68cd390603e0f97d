"""`release restore`: the data of a backup again, and the release of the phase that it was made in."""

import time

from components.rollout import share
from release import preflight
from release.delivery import Delivery
from release.errors import ContactLostError, NoWayBackError, RefusedError, ReleaseError, in_the_middle
from release.migration import backups as kept
from release.migration import data as datas
from release.migration import validation
from release.migration.backups import Backup
from release.migration.passage import Data, Passage, backup_head
from release.migration.validation import Head
from release.others import Others
from release.outcome import Outcome
from release.outside.pods import Pod
from release.past.history import Release
from release.past.ledger import Ledger
from release.plan import way_back
from release.result import Result
from release.site import Site
from release.telling.notices import Run
from release.telling.records import job
from release.verbs.migrate import stands_ready

LOOK_SECONDS = 0.5


def restore(site: Site, name: str, *, message: str = "") -> Result:
    """Refuse what isn't whole before anything stops; then pod by pod, and verified before success is said."""
    checks = preflight.ready(site)
    survey = checks.survey
    datas.needs_store(site)
    data = datas.open_data(site, survey.cluster)
    pods = data.pods()
    found = data.backups()
    backup = kept.choose(
        found, name, pods, format_limit=max(one.format for one in data.phases.phases.values())
    )
    phase = made_in(backup)
    target = target_of(survey.ledger, phase, stack=site.stack.name)
    if broken := data.broken(backup, pods):
        raise RefusedError(
            what=f"The backup {name} can't be restored: {broken}; nothing was changed",
            where=data.store.where,
            remedy=f"Restore another one:  release backups {site.stack.name}",
        )
    for pod, blocks in kept.lost(backup, {pod: head.height for pod, head in data.heads().items()}).items():
        site.screen.say(f"  {pod} gives up {blocks} blocks", "yellow")
    checks.mend()
    heads = {pod: backup_head(backup, pod) for pod in pods}
    if target is survey.ledger.running:
        return _in_place(site, data, backup, heads, target)
    datas.restores_at_once(site, data.cluster)
    passage = Passage(
        data=data,
        before=heads,
        restore=True,
        wait_seconds=stands_ready(site),
        named=backup,
    )
    plan = way_back(target, verb="restore", message=message or f"Restore {name}")
    return Delivery(site=site, survey=survey, plan=plan, between=passage).go_back_to(target)


def made_in(backup: Backup) -> str | None:
    """The phase of a whole backup; `RefusedError` where its parts are of several. Pure."""
    phases = {part.manifest.phase for part in backup.parts.values() if part.manifest}
    if len(phases) > 1:
        raise RefusedError(
            what=f"The backup {backup.name} was made in several phases, {', '.join(sorted(phases))}; "
            "nothing was changed",
            where="the backups",
            remedy="Restore one that was made when all pods were of one phase.",
        )
    return next(iter(phases), "") or None


def target_of(ledger: Ledger, phase: str | None, *, stack: str) -> Release:
    """What runs, where it is of that phase; else the newest good release that was. Pure."""
    running = ledger.running
    if running and running.whole and running.pin.phase == phase:
        return running
    found = next((one for one in reversed(ledger.good) if one.pin.phase == phase), None)
    if found is None:
        raise RefusedError(
            what=f"No good release of {stack} was ever of phase {phase or 'none'}; nothing was changed",
            where="the stack's history",
            remedy=f"See what has run:  release history {stack}",
        )
    return found


def _in_place(site: Site, data: Data, backup: Backup, heads: dict[str, Head], runs: Release) -> Result:
    began = time.monotonic()
    about = Run(
        stack=site.stack.name,
        verb="restore",
        release=runs.identity,
        before=runs.identity,
        by=site.by,
        url=job(site.environment),
    )
    with site.signals:
        site.records.begin(about, ())
        try:
            problem = pod_by_pod(site, data, backup)
            if not problem:
                problem = validation.failed(data.validate(heads, runs.pin, when="after a restore"))
        except (ReleaseError, OSError) as error:
            # Everybody is told of an end, whatever it is.
            problem = in_the_middle(error)
        outcome = Outcome.UNKNOWN if problem else Outcome.DONE
        seconds = time.monotonic() - began
        site.records.end(about, outcome, reason=problem, back_to=None, findings=(), seconds=seconds)
    if not problem:
        site.screen.say("validated: every block of the backup is there", "green")
    return Result(
        stack=site.stack.name,
        verb="restore",
        run=site.run,
        outcome=outcome,
        release=runs.identity,
        before=runs.identity,
        runs=None if problem else runs.identity,
        share=str(share(site.release.replicas, runs.pin.rollout)),
        reason=problem or f"{backup.name} is the data now",
        seconds=seconds,
    )


def pod_by_pod(site: Site, data: Data, backup: Backup) -> str:
    """What went wrong; nothing where every pod is ready with the data of its backup.

    No update, so the stack has no lock meanwhile: whoever begins one is left alone with the pods.
    """
    wait, others = stands_ready(site), Others(site=site, cluster=data.cluster, latest=None)
    others.look()
    for pod in reversed(data.cluster.pods()):
        if stopped := _stopped(site, others):
            return f"{stopped}; the pods from {pod.name} down have the data that they had"
        site.screen.begin(f"restoring {pod.name}")
        try:
            with data.restores(backup, (pod.name,), wait_seconds=wait):
                data.cluster.delete(pod)
                if not _ready_again(site, data, pod):
                    return f"{pod.name} isn't ready again after {wait} s"
        except (ContactLostError, NoWayBackError) as error:
            return error.what
    return ""


def _stopped(site: Site, others: Others) -> str:
    if site.signals.any:
        return site.signals.said
    try:
        if others.hold():
            return f"an update of {site.stack.name} has begun"
    except ContactLostError as error:
        return error.what
    return "Helm is at another revision of the release than when this began" if others.moved_helm() else ""


def _ready_again(site: Site, data: Data, pod: Pod) -> bool:
    over = time.monotonic() + stands_ready(site)
    while time.monotonic() < over:
        try:
            there = data.cluster.pods()
        except ContactLostError as error:
            site.screen.trouble(error.what)
            there = ()
        if any(one.name == pod.name and one.uid != pod.uid and one.ready for one in there):
            return True
        site.screen.pods(there)
        time.sleep(LOOK_SECONDS)
    return False
