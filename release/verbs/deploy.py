"""`release deploy`: a version, step by step, with gates between the steps."""

from dataclasses import dataclass

from release import preflight
from release.delivery import Delivery
from release.errors import RefusedError
from release.gates_file import GatesFile
from release.gates_file import read as read_gates
from release.migration import crossing
from release.outside import metrics, registry
from release.past import identity
from release.plan import Plan
from release.result import Result
from release.site import Site
from release.survey import Survey
from sections.pin import Pin

GATES = "migration/gates.toml"
PHASE = "release"
"""The gates of every release that belongs to no phase of the migration."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the command line says."""

    version: str | None = None
    """None for what the stack file pins."""
    steps: tuple[int, ...] | None = None
    soak_seconds: int | None = None
    retry: bool = False
    message: str = ""


def deploy(site: Site, wish: Wish) -> Result:
    """Release a version; the last good one comes back where anything fails."""
    checks = preflight.ready(site)
    survey = checks.survey
    plan = prepare(site, survey, wish)
    pinned = identity.of(plan.pin)
    preflight.not_on_hold(survey.ledger, pinned, stack=site.stack.name, retry=wish.retry)
    checks.mend()
    return Delivery(site=site, survey=survey, plan=plan).deliver()


def prepare(site: Site, survey: Survey, wish: Wish, pinned: Pin | None = None) -> Plan:
    """Everything that can be refused before any write: the tag, its digest, the gates, the steps.

    What is `pinned` is in the stack file, unless it is given.
    """
    release, strategy = site.release, site.settings.strategy
    held = pinned or site.file.read()
    crossing.refuse_silent(survey.ledger, held, stack=site.stack.name)
    wanted = (
        held if wish.version is None else held.model_copy(update={"version": wish.version, "rollout": 100})
    )
    pin = wanted.model_copy(
        update={"digest": resolved(site, survey, release.image, wanted, named=wish.version)}
    )
    attested(site, release.image, str(pin.digest))
    pin = Pin.model_validate(pin.model_dump())
    refuse_zero(pin, stack=site.stack.name)
    steps = wish.steps or strategy.steps
    if wish.version is None and wish.steps is None:
        steps = (*(step for step in steps if step < pin.rollout), pin.rollout)
    return Plan(
        verb="deploy",
        pin=pin.model_copy(update={"rollout": steps[-1]}),
        steps=steps,
        soak_seconds=strategy.soak_seconds if wish.soak_seconds is None else wish.soak_seconds,
        patience_seconds=strategy.patience_seconds,
        gates=gates(site).of(pin.phase or PHASE),
        ask=metrics.prometheus(site.environment, site.settings, survey.cluster, stack=site.stack.name).ask,
        retry=wish.retry,
        message=wish.message,
    )


def attested(site: Site, image: str, digest: str) -> None:
    """Refuse what nobody attests, or somebody else built, where the stack file says whose builds run."""
    wanted = site.settings.registry.attestation if site.settings.registry else None
    if wanted is None:
        return
    # Sigstore's library takes a second to load, and most stacks of this machine never need it.
    from release.outside import attestation, provenance  # noqa: PLC0415

    answer = provenance.ask(site.environment, digest, wanted)
    attestation.must_be_attested(image, digest, wanted, answer)


def gates(site: Site) -> GatesFile:
    """The project's gates; `RefusedError` names what is wrong with the file."""
    return read_gates(site.project.folder / GATES)


def resolved(site: Site, survey: Survey, image: str, wanted: Pin, *, named: str | None) -> str:
    """What the registry has under the version now; refused where the tag is absent, or has moved."""
    known = wanted.digest if named is None or named == site.file.read().version else _was(survey, wanted)
    answer = registry.ask(site.environment, image, wanted.version)
    return registry.digest_to_pin(image, wanted.version, answer, known=known)


def _was(survey: Survey, wanted: Pin) -> str | None:
    """The digest that the version had whenever it was released before."""
    before = [one for one in survey.ledger.kept if one.pin.version == wanted.version]
    return next((one.pin.digest for one in reversed(before) if one.pin.digest), None)


def refuse_zero(pin: Pin, *, stack: str) -> None:
    """A rollout of nothing is no release."""
    if pin.rollout == 0:
        raise RefusedError(
            what="The stack file pins a rollout of 0 %, which releases nothing; nothing was changed",
            where=f"Pulumi.{stack}.yaml",
            remedy=f"Pin where it is to end:  pulumi config set -s {stack} rollout 100",
        )
