"""What must be so before a run changes anything; what killed runs left is mended here, and said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from release.errors import UNCHANGED, LockHeldError, RefusedError
from release.locking import locks
from release.locking.leftovers import Kind
from release.locking.locks import Lock, Owner
from release.migration import data_jobs
from release.outside.cluster import RELEASE
from release.outside.stack import Stack
from release.past.identity import Identity
from release.past.ledger import Ledger
from release.site import Site
from release.survey import Survey, judged
from release.telling.screen import Screen

HELM_SLACK_SECONDS = 60
"""Beyond the release's own limit, which whoever upgrades by hand is taken to keep to."""


def ready(site: Site, *, emergency: bool = False) -> "Preflight":
    """What every run begins with, before others are asked: the right cluster, and nobody else at work.

    In an emergency whoever is at work with Helm alone is taken for a leftover, and locks that can't be seen
    for none.
    """
    checks = seen(site)
    checks.nothing_hidden()
    checks.nobody_else()
    if emergency:
        checks.say_hidden_locks()
    else:
        checks.locks_in_sight()
        checks.nobody_by_hand(timedelta(seconds=site.release.timing.update + HELM_SLACK_SECONDS))
    return checks


def seen(site: Site) -> "Preflight":
    """One look at a stack, in the cluster that it released into; enough for who changes nothing."""
    checks = Preflight(stack=site.stack, survey=site.survey(), screen=site.screen)
    checks.right_cluster()
    return checks


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """The checks on a survey, in the order in which they matter."""

    stack: Stack
    survey: Survey
    screen: Screen

    def right_cluster(self) -> None:
        """Refuse a context that leads to another cluster than the one that the stack released into."""
        cluster, known = self.survey.cluster, self.survey.state.namespace_uid
        if cluster is None or known is None or self.survey.uid == known:
            return
        there = f"whose namespace is {self.survey.uid}" if self.survey.uid else "which has no such namespace"
        raise RefusedError(
            what=(
                f"This is the wrong cluster: stack {self.stack.name} released into namespace "
                f"{cluster.namespace} ({known}), and {cluster.kube.entrance} leads to {cluster.kube.server}, "
                f"{there}; nothing was changed"
            ),
            where=f"stack {self.stack.name}",
            remedy="Look where it leads:  kubectl config view --minify\n"
            "Was the namespace deleted on purpose? Then forget it:  "
            f"pulumi refresh -s {self.stack.name}",
        )

    def nothing_hidden(self) -> None:
        """Refuse credentials that don't show what Helm is at: who may not read that can't release either."""
        if self.survey.helm_hidden and (cluster := self.survey.cluster):
            raise RefusedError(
                what="These credentials may not read Helm's records; nothing was changed",
                where=f"namespace {cluster.namespace}, {cluster.kube.entrance}",
                remedy="Use those that release here.  Which may:  "
                f"kubectl auth can-i list secrets -n {cluster.namespace}",
            )

    def nobody_else(self) -> None:
        """Refuse while a lock is held that isn't ours to break."""
        self._refuse_held(self.survey.locks)

    def _refuse_held(self, found: Mapping[Lock, Owner]) -> None:
        for lock, owner in found.items():
            if owner not in locks.BREAKABLE:
                raise locks.held(lock, owner, stack=self.stack.name, now=datetime.now(UTC))

    def locks_in_sight(self) -> None:
        """Refuse where the locks can't be seen: a live update of another machine would be taken for none."""
        if hidden := self.survey.locks_hidden:
            raise RefusedError(
                what=hidden.what + UNCHANGED,
                where=hidden.where,
                remedy=f"{hidden.remedy}\n"
                "To go back now, whoever is at work:  "
                f"release rollback {self.stack.name} --emergency",
            )

    def say_hidden_locks(self) -> None:
        """Say that the locks can't be seen, where nothing waits for it."""
        if hidden := self.survey.locks_hidden:
            self.screen.say(f"{hidden.what}: goes on without seeing who holds the stack", "yellow")

    def nobody_by_hand(self, limit: timedelta) -> None:
        """Refuse while Helm is at work for somebody who holds no lock, and not for longer than it can be."""
        now = datetime.now(UTC)
        revision = self.survey.at_work_by_hand(limit=limit, now=now)
        if revision is None or self.survey.cluster is None:
            return
        minutes, namespace = int((now - revision.began).total_seconds() // 60), self.survey.cluster.namespace
        raise LockHeldError(
            what=f"Helm's revision {revision.number} is {revision.status} for {minutes} min, "
            "and no update of the stack began it; nothing was changed",
            where=f"namespace {namespace}",
            remedy=f"Wait for it, or look at it:  helm history {RELEASE} -n {namespace}\n"
            f"Where its owner was killed, it is mended {int(limit.total_seconds())} s after it began.\n"
            f"To end it and go back now:  release rollback {self.stack.name} --emergency",
        )

    def mend(self) -> bool:
        """Mend what killed runs left, in the order in which it stands in the way; whether there was any."""
        left = [one for one in self.survey.leftovers if one.kind is not Kind.UNFINISHED_STEPS]
        for one in left:
            self.screen.say(f"left by a run that was killed: {one.what}", "yellow")
        kinds = {one.kind for one in left}
        if Kind.LOCK in kinds:
            # All are removed at once, also that of whoever has taken the stack since it was looked at.
            self._refuse_held(judged(self.stack) or {})
            self.stack.cancel()
            self.screen.say("removed the lock: its owner has ended")
        if Kind.HELM_UPGRADE in kinds and self.survey.cluster:
            self.survey.cluster.restore(self.stack.environment)
            self.screen.say("had Helm put back what it had deployed before")
        if Kind.PENDING_OPERATION in kinds:
            # The next update sees by itself what came of them.
            self.screen.say("the update takes up what was begun and not finished")
        standing = data_jobs.clear(self.survey.cluster) if self.survey.cluster else 0
        if standing:
            self.screen.say(f"took away {standing} Jobs on the pods' data", "yellow")
        return bool(left) or bool(standing)


def not_on_hold(ledger: Ledger, wanted: Identity, *, stack: str, retry: bool) -> None:
    """Refuse a release that failed or was rolled back from, unless it is tried again on purpose."""
    hold = ledger.hold(wanted)
    if hold is None or retry:
        return
    how = "was rolled back from" if hold.rolled_back else "failed"
    why = f": {hold.reason}" if hold.reason else ""
    since = f"{hold.since:%Y-%m-%d %H:%M} UTC"
    raise RefusedError(
        what=f"{wanted.short} is on hold: it {how} on {since}{why}; nothing was changed",
        where=f"stack {stack}",
        remedy=f"See what happened:  release history {stack}\n"
        f"To try it again on purpose:  release deploy {stack} {wanted.version} --retry",
    )
