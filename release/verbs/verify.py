"""`release verify`: whether what runs is what the stack file pins."""

from dataclasses import dataclass
from typing import Any

from components.rollout import Share
from release import preflight
from release.errors import RefusedError
from release.health import verification
from release.outcome import Outcome
from release.site import Site
from sections.pin import Pin


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was found, and what it was compared with."""

    pin: Pin
    share: Share
    problems: tuple[str, ...]

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "version": self.pin.version,
            "digest": self.pin.digest,
            "share": str(self.share),
            "problems": list(self.problems),
        }

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.DRIFTED if self.problems else Outcome.DONE


def verify(site: Site) -> Verified:
    """Compare digests, readiness, flags and the last smoke test with the pin."""
    replicas = site.release.replicas
    survey = preflight.seen(site).survey
    if survey.cluster is None or not survey.state.released:
        raise RefusedError(
            what="Nothing was ever released here",
            where=f"stack {site.stack.name}",
            remedy=f"Release a version first:  release deploy {site.stack.name} v1.2.3",
        )
    pin = site.file.read()
    found = verification.verify(survey.cluster, pin, replicas=replicas)
    return Verified(pin=pin, share=found.share, problems=found.problems)
