"""Sees an update through: what runs is as pinned, where need be after Helm has applied it once more."""

from dataclasses import dataclass

from release.errors import ContactLostError
from release.health import verification
from release.others import Others
from release.outside.cluster import Cluster
from release.site import Site
from sections.pin import Pin

_ASKED_AGAIN_AFTER_SECONDS = (1.0, 3.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """Of one run."""

    site: Site
    cluster: Cluster | None
    """None where it is yet to be made: then the engine's word is all that there is."""
    others: Others

    def problem(self, pin: Pin) -> str:
        """What isn't as pinned after an update that succeeded; nothing where all is.

        The engine compares with its state: where somebody changed the cluster by hand, or Helm could not put
        everything back, it sees no difference and changes nothing. So Helm applies it once more, unless
        another run is at work. `ContactLostError` where nobody can tell.
        """
        if self.cluster is None:
            return ""
        problems = self._problems(self.cluster, pin)
        if problems and not self.others.at_work():
            self.site.screen.say(f"{problems[0]}: Helm applies the release once more", "yellow")
            try:
                self.cluster.restore(self.site.environment)
            except ContactLostError as error:
                return error.what
            self.others.look()
            problems = self._problems(self.cluster, pin)
        return problems[0] if problems else ""

    def _problems(self, cluster: Cluster, pin: Pin) -> tuple[str, ...]:
        # A contact that was lost says nothing of the release, so it is asked again.
        replicas = self.site.release.replicas
        for seconds in _ASKED_AGAIN_AFTER_SECONDS:
            try:
                return verification.verify(cluster, pin, replicas=replicas).problems
            except ContactLostError as error:
                self.site.screen.trouble(error.what)
                self.site.signals.sleep(seconds)
        return verification.verify(cluster, pin, replicas=replicas).problems
