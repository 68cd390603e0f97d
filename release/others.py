"""Whether another run is at work on the stack: none of them knows of this one."""

from dataclasses import dataclass

from release.locking.locks import BREAKABLE
from release.outside.cluster import Cluster, HelmRevision
from release.past import ledger as ledgers
from release.past.history import Release
from release.past.ledger import Ledger
from release.site import Site
from release.survey import judged


@dataclass(kw_only=True)
class Others:
    """What a run knows of the stack as its own doing, or from before it; the rest is another one's."""

    site: Site
    cluster: Cluster | None
    latest: Release | None
    """The newest history entry."""
    helm: tuple[HelmRevision, ...] | None = None
    """The newest revision of the Helm release, if any; None where nobody has looked yet."""

    def ledger(self) -> Ledger:
        """What the history says now."""
        return ledgers.ledger(self.site.stack.history())

    def look(self) -> None:
        """Take what Helm is at now for this run's own."""
        self.helm = self._newest()

    def seen(self) -> None:
        """Take the newest entry for this run's own as well: its update has just succeeded."""
        self.look()
        self.latest = self.ledger().latest

    def at_work(self) -> bool:
        """Whether somebody holds the stack, has updated it, or has brought Helm to another revision."""
        if self.site.signals.stand_down or self.hold():
            return True
        latest = self.ledger().latest
        mine = latest and latest.note and latest.note.run == self.site.run
        return (latest != self.latest and not mine) or self.moved_helm()

    def hold(self) -> bool:
        """Whether somebody holds the stack now; `ContactLostError` where that can't be seen any more."""
        return not BREAKABLE.issuperset((judged(self.site.stack) or {}).values())

    def moved_helm(self) -> bool:
        """Whether Helm is at another revision than when this run looked."""
        return self.helm is not None and self._newest() != self.helm

    def _newest(self) -> tuple[HelmRevision, ...]:
        return self.cluster.helm()[-1:] if self.cluster else ()
