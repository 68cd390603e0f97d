"""`release migrate`: into a phase of the migration step by step, and back as the phase says."""

from collections.abc import Callable
from dataclasses import dataclass

from release import gates as gates_of
from release import preflight
from release.delivery import Delivery
from release.errors import ContactLostError, GateFailedError, GateUnknownError, RefusedError, ReleaseError
from release.gates import Ask, Scope, Verdict
from release.health.verification import verify
from release.migration import data as datas
from release.migration.crossing import Crossing, crossing
from release.migration.data import Data
from release.migration.passage import Passage
from release.migration.validation import Heads
from release.outside import metrics
from release.past import identity
from release.plan import Plan
from release.result import Result
from release.site import Site
from release.survey import Survey
from release.verbs.deploy import attested, gates, resolved
from sections.pin import Pin

ASK_SECONDS = 2.0
_SLACK_SECONDS = 300
"""More than mending and everything around an update take together."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the command line says."""

    phase: str
    steps: tuple[int, ...] | None = None
    soak_seconds: int | None = None
    retry: bool = False
    message: str = ""


def migrate(site: Site, wish: Wish, *, agree: Callable[[Crossing], None] = lambda _: None) -> Result:
    """Change the phase; whatever fails, what the phase names brings the last good release and its data back.

    `agree` is told the plan before anything else is looked at, and stops the run by raising.
    """
    checks = preflight.ready(site)
    survey = checks.survey
    data = datas.open_data(site, survey.cluster)
    found = planned(site, survey, wish.phase)
    agree(found)
    stack = site.stack.name
    preflight.not_on_hold(survey.ledger, identity.of(found.wanted), stack=stack, retry=wish.retry)
    if found.step.needs_backup:
        datas.needs_store(site)
    if found.restore:
        datas.restores_at_once(site, data.cluster)
    checks.mend()
    plan = _plan(site, survey, found, wish)
    assert plan.ask
    if survey.ledger.running and survey.ledger.running.pin.phase == found.before.phase:
        must_pass(site, found.step.gates_before, found.before, data, ask=plan.ask)
    heads = whole(site, data, survey.ledger.running.pin if survey.ledger.running else found.before)
    passage = Passage(data=data, before=heads, restore=found.restore, wait_seconds=stands_ready(site))
    return Delivery(site=site, survey=survey, plan=plan, between=passage).deliver()


def planned(site: Site, survey: Survey, phase: str) -> Crossing:
    """What it will be, with the tag and the digest of now; everything that can be refused is."""
    release, held = site.release, site.file.read()
    found = crossing(datas.known(site), survey.ledger, held, phase, stack=site.stack.name)
    digest = resolved(site, survey, release.image, found.wanted, named=None)
    attested(site, release.image, digest)
    return found


def show(site: Site, found: Crossing) -> None:
    """The plan, before anybody is asked."""
    for line in found.lines:
        site.screen.say(f"  {line}")


def must_pass(site: Site, phase: str, pin: Pin, data: Data, *, ask: Ask) -> None:
    """Hold where the gates of the present phase don't pass; figures that are yet to come are waited for."""
    scope = Scope(namespace=data.cluster.namespace, version=pin.version)
    wanted = gates(site).of(phase)
    waited = 0.0
    while True:
        findings = gates_of.check(wanted, scope, ask=ask)
        verdict = gates_of.overall(findings)
        told = verdict in {Verdict.PASS, Verdict.FAIL}
        if told or waited >= site.settings.strategy.patience_seconds or site.signals.any:
            break
        site.signals.sleep(ASK_SECONDS)
        waited += ASK_SECONDS
    if verdict is Verdict.PASS:
        return
    worst = next((str(one) for one in findings if one.verdict is verdict), verdict.value)
    kind: type[ReleaseError] = GateFailedError if verdict is Verdict.FAIL else GateUnknownError
    raise kind(
        what=f"{pin.phase or 'The present release'} can't be left yet: gate {worst}; nothing was changed",
        where=f"migration/gates.toml, {phase}",
        remedy=f"Ask again:  release gate {site.stack.name}{f' --phase {phase}' if pin.phase else ''}",
    )


def whole(site: Site, data: Data, pin: Pin) -> Heads:
    """The newest block of every pod; `RefusedError` where one doesn't run as it should."""
    try:
        problems = verify(data.cluster, pin, replicas=site.release.replicas).problems
    except ContactLostError as error:
        problems = (error.what,)
    heads = data.heads()
    silent = [pod for pod in data.pods() if pod not in heads]
    if problems or silent:
        what = problems[0] if problems else f"{silent[0]} doesn't say what its newest block is"
        raise RefusedError(
            what=f"What runs isn't whole: {what}; nothing was changed",
            where=f"namespace {data.cluster.namespace}",
            remedy=f"See:  release verify {site.stack.name}",
        )
    return heads


def stands_ready(site: Site) -> int:
    """For how long a restore waits: Helm may need its limit twice, and mend what was killed before."""
    return 2 * site.release.timing.update + _SLACK_SECONDS


def _plan(site: Site, survey: Survey, found: Crossing, wish: Wish) -> Plan:
    strategy, steps = site.settings.strategy, wish.steps or site.settings.strategy.steps
    ask = metrics.prometheus(site.environment, site.settings, survey.cluster, stack=site.stack.name).ask
    return Plan(
        verb="migrate",
        pin=found.wanted.model_copy(update={"rollout": steps[-1]}),
        steps=steps,
        soak_seconds=strategy.soak_seconds if wish.soak_seconds is None else wish.soak_seconds,
        patience_seconds=strategy.patience_seconds,
        gates=gates(site).of(found.step.gates_after),
        ask=ask,
        retry=wish.retry,
        message=wish.message,
    )
