"""`release promote`: the release that runs on a part of the pods, on to more of them."""

from release import preflight
from release.delivery import Delivery
from release.errors import RefusedError
from release.past import identity
from release.past.history import Release
from release.plan import Plan
from release.result import Result
from release.site import Site
from release.verbs.deploy import Wish, prepare


def promote(site: Site, *, to: int, soak_seconds: int | None = None, message: str = "") -> Result:
    """Go on through the strategy's steps up to `to` percent, with the same gates as a deployment."""
    checks = preflight.ready(site)
    survey = checks.survey
    running = survey.ledger.running
    steps = further(running, site.settings.strategy.steps, to=to, stack=site.stack.name)
    assert running
    pin = running.pin
    preflight.not_on_hold(survey.ledger, identity.of(pin), stack=site.stack.name, retry=False)
    # What runs, whatever the file has pinned since.
    prepared = prepare(site, survey, Wish(steps=steps, soak_seconds=soak_seconds, message=message), pin)
    checks.mend()
    plan = Plan(
        verb="promote",
        pin=pin.model_copy(update={"rollout": steps[-1]}),
        steps=steps,
        soak_seconds=prepared.soak_seconds,
        patience_seconds=prepared.patience_seconds,
        gates=prepared.gates,
        ask=prepared.ask,
        message=message,
    )
    return Delivery(site=site, survey=survey, plan=plan).deliver()


def further(running: Release | None, steps: tuple[int, ...], *, to: int, stack: str) -> tuple[int, ...]:
    """The steps above what runs, up to and with `to`; `RefusedError` where there are none. Pure."""
    if running is None:
        raise RefusedError(
            what="Nothing runs that could be promoted; nothing was changed",
            where=f"stack {stack}",
            remedy=f"Release a version first:  release deploy {stack} v1.2.3",
        )
    now = running.pin.rollout
    if to <= now:
        raise RefusedError(
            what=f"{running.identity.short} already runs on {now} % of the pods; nothing was changed",
            where=f"stack {stack}",
            remedy=f"A smaller share is another release's:  release rollback {stack}",
        )
    return (*(step for step in steps if now < step < to), to)
