"""What is known of a stack before anything is done: one look at its history, its state and its cluster."""

import importlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import kubecontext
from release.errors import ContactLostError, NotAllowedError
from release.locking import leftovers, lock_files, lock_objects, locks
from release.locking.leftovers import Leftover
from release.locking.locks import Lock, Owner
from release.outside import bucket as buckets
from release.outside.cluster import Cluster, HelmRevision
from release.outside.kube import Entrance, Kube
from release.outside.stack import Stack
from release.outside.state import State
from release.past import ledger as ledgers
from release.past.ledger import Ledger
from sections.release import namespace
from settings import PROJECT, Settings


@dataclass(frozen=True, kw_only=True)
class Survey:
    """One look."""

    ledger: Ledger
    state: State
    locks: Mapping[Lock, Owner]
    """Empty where they can't be seen."""
    cluster: Cluster | None
    """None where there is no cluster yet."""
    helm: tuple[HelmRevision, ...]
    """Oldest first; none where there is no release, or where it is hidden."""
    uid: str | None
    """Of the namespace in the cluster; None where there is none."""
    helm_hidden: bool = False
    """Whether these credentials may not read Helm's records, which are Secrets."""
    locks_hidden: ContactLostError | None = None
    """Why the bucket that the locks are in can't be read, where it can't."""
    sees_locks: bool = True
    """Whether a live update would have been seen; not in a backend that is neither a folder nor a bucket."""

    @property
    def dead_locks(self) -> list[Lock]:
        """Those whose owners have ended."""
        return [lock for lock, owner in self.locks.items() if owner in locks.BREAKABLE]

    def at_work_by_hand(self, *, limit: timedelta, now: datetime) -> HelmRevision | None:
        """Helm's newest revision, where it may be somebody's own and still goes on."""
        newest = self.helm[-1] if self.helm else None
        if newest and leftovers.at_work_by_hand(
            dead_locks=self.dead_locks,
            # A live update has such operations too.
            pending=self.state.pending if self.sees_locks else (),
            helm_status=newest.status,
            helm_began=newest.began,
            ledger=self.ledger,
            limit=limit,
            now=now,
        ):
            return newest
        return None

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        """What killed runs have left."""
        return leftovers.found(
            dead_locks=self.dead_locks,
            pending=self.state.pending,
            helm_status=self.helm[-1].status if self.helm else None,
            ledger=self.ledger,
        )


def take(stack: Stack, settings: Settings, known: Cluster | None = None) -> Survey:
    """Look at everything, at once where one answer doesn't need another; at a `known` cluster where it is."""
    with ThreadPoolExecutor() as pool:
        past = pool.submit(stack.history)
        # While the CLI thinks: they take most of a second.
        pool.submit(importlib.import_module, "kubernetes.client")
        if buckets.find(stack.backend):
            pool.submit(importlib.import_module, "boto3")
        state = stack.state()
        cluster = known or open_cluster(stack.name, settings, state)
        helm = pool.submit(cluster.helm) if cluster else None
        uid = cluster.uid() if cluster else None
        revisions = _unless_hidden(helm) if helm else ()
        held, locks_hidden = _in_sight(stack)
        return Survey(
            ledger=ledgers.ledger(past.result()),
            state=state,
            locks=held or {},
            cluster=cluster,
            helm=revisions or (),
            uid=uid,
            helm_hidden=revisions is None,
            locks_hidden=locks_hidden,
            sees_locks=held is not None,
        )


def _unless_hidden(revisions: "Future[tuple[HelmRevision, ...]]") -> tuple[HelmRevision, ...] | None:
    try:
        return revisions.result()
    except NotAllowedError:
        return None


def _in_sight(stack: Stack) -> tuple[Mapping[Lock, Owner] | None, ContactLostError | None]:
    try:
        return judged(stack), None
    except ContactLostError as error:
        return None, error


def open_cluster(stack: str, settings: Settings, state: State) -> Cluster | None:
    """The cluster that a stack releases into; None for one that is yet to be made."""
    release = settings.release
    context = kubecontext.find(release.context) if release and release.context else None
    if context is None and state.kubeconfig is None:
        return None
    # The provider's own default, such as $KUBECONFIG, is in the state too, beside the context.
    entrance = Entrance(context=context.name) if context else Entrance(kubeconfig=state.kubeconfig)
    where = state.namespace or namespace(stack, release, of_context=context.namespace if context else None)
    return Cluster(kube=Kube(entrance), namespace=where)


def judged(stack: Stack) -> dict[Lock, Owner] | None:
    """The locks of a stack, each with whose it is; None where the backend is neither a folder nor a bucket.

    `ContactLostError` where the bucket can't be read.
    """
    held = _held(stack)
    return None if held is None else {lock: lock_files.owner(lock) for lock in held}


def _held(stack: Stack) -> tuple[Lock, ...] | None:
    if folder := lock_files.folder(stack.backend, project=PROJECT, stack=stack.name):
        return lock_files.read(folder)
    if bucket := buckets.find(stack.backend):
        return lock_objects.read(bucket, project=PROJECT, stack=stack.name)
    return None
