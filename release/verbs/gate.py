"""`release gate`: what the gates say now of the version that runs."""

from dataclasses import dataclass
from typing import Any

from release import gates as gates_of
from release.errors import RefusedError
from release.gates import Finding, Scope, Verdict
from release.outcome import Outcome
from release.outside import metrics
from release.site import Site
from release.verbs.deploy import PHASE, gates

EXITS = {
    Verdict.PASS: Outcome.DONE,
    Verdict.FAIL: Outcome.GATE_FAILED,
    Verdict.NO_DATA: Outcome.GATE_UNKNOWN,
    Verdict.ERROR: Outcome.GATE_UNKNOWN,
}


@dataclass(frozen=True, kw_only=True)
class Gated:
    """The verdict, and what it was drawn from."""

    phase: str
    version: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of them."""
        return gates_of.overall(self.findings)

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "phase": self.phase,
            "version": self.version,
            "verdict": self.verdict.value,
            "gates": [one.json for one in self.findings],
        }

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return EXITS[self.verdict]


def gate(site: Site, *, phase: str | None) -> Gated:
    """Ask every gate of a phase about the pinned version."""
    _ = site.release
    pin = site.file.read()
    asked = phase or pin.phase or PHASE
    wanted = gates(site).of(asked)
    cluster = site.cluster()
    if cluster is None:
        raise RefusedError(
            what="Nothing runs yet that could be looked at",
            where=f"stack {site.stack.name}",
            remedy=f"Release a version first:  release deploy {site.stack.name} v1.2.3",
        )
    ask = metrics.prometheus(site.environment, site.settings, cluster, stack=site.stack.name).ask
    scope = Scope(namespace=cluster.namespace, version=pin.version)
    return Gated(phase=asked, version=pin.version, findings=gates_of.check(wanted, scope, ask=ask))
