"""A stack as far as it can be seen: what can't be asked is said, and stands in nothing else's way."""

import sys
import textwrap
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from release import survey
from release.errors import ReleaseError
from release.health import drift, verification
from release.health.outlook import Outlook
from release.locking.locks import Lock, Owner
from release.locking.turn_holder import turn_holder
from release.outside import helm_record
from release.outside.cluster import RELEASE, Cluster, HelmRevision
from release.outside.helm_record import HelmRecord
from release.outside.pods import Pod
from release.outside.state import State
from release.past import ledger as ledgers
from release.past.identity import Identity
from release.past.ledger import Ledger
from release.preflight import Preflight
from release.survey import Survey
from release.telling.screen import Screen
from sections.mistakes import UnusableError
from sections.pin import Pin
from settings import Settings

T = TypeVar("T")
Trouble = ReleaseError | UnusableError
_UNSAID = "; nothing was changed"
"""Goes without saying where somebody only looks."""
AT_WORK = frozenset({Owner.OWN, Owner.LIVE, Owner.FOREIGN, Owner.WRITING})
"""Owners of a lock that may change something any moment."""


def in_words(trouble: Trouble) -> tuple[str, str]:
    """What a trouble is, on one line, and how it is mended."""
    if isinstance(trouble, ReleaseError):
        return f"{trouble.what} ({trouble.where})".replace(_UNSAID, ""), trouble.remedy
    what, _, remedy = str(trouble).partition("\n")
    return what.replace(_UNSAID, ""), textwrap.dedent(remedy)


@dataclass(kw_only=True)
class Sighting:
    """What was seen of a stack; None is what could not be asked, or isn't there."""

    stack: str
    settings: Settings | None = None
    pin: Pin | None = None
    ledger: Ledger | None = None
    state: State | None = None
    locks: Mapping[Lock, Owner] | None = None
    """None where the backend doesn't show them, or can't be asked."""
    turn: int | None = None
    """The run of this clone that is at work on the stack."""
    cluster: Cluster | None = None
    """The right one, and it answers."""
    helm: tuple[HelmRevision, ...] = ()
    record: HelmRecord | None = None
    pods: tuple[Pod, ...] = ()
    drift: tuple[str, ...] | None = None
    """None where nothing could be compared, or where a run is at work."""
    troubles: dict[str, Trouble] = field(default_factory=dict[str, Trouble])
    """Why something is not known, in the words that a verb would be refused with: of the `file`, the
    `locks`, the `history`, the `state`, the `cluster`."""

    @property
    def at_work(self) -> bool:
        """Whether a run may be changing the stack now."""
        return self.turn is not None or any(owner in AT_WORK for owner in (self.locks or {}).values())


def see(outlook: Outlook, name: str) -> Sighting:
    """Ask everything about a stack; never an error."""
    seen = Sighting(stack=name)
    seen.settings = _tried(seen, "file", lambda: outlook.project.settings(name))
    seen.turn = turn_holder(outlook.project, name)
    if seen.settings is None:
        return seen
    seen.pin = seen.settings.pin
    stack = outlook.stack(name)
    seen.locks = _tried(seen, "locks", lambda: survey.judged(stack))
    with ThreadPoolExecutor() as pool:
        past = pool.submit(_tried, seen, "history", stack.history)
        seen.state = _tried(seen, "state", stack.state)
        releases = past.result()
    seen.ledger = None if releases is None else ledgers.ledger(releases)
    if seen.state:
        _tried(seen, "cluster", lambda: _look_into(seen, outlook))
    return seen


def _look_into(seen: Sighting, outlook: Outlook) -> None:
    assert seen.settings
    assert seen.state
    cluster = survey.open_cluster(seen.stack, seen.settings, seen.state)
    if cluster is None:
        return
    _refuse_wrong(seen, outlook, cluster)
    seen.cluster = cluster
    seen.helm, seen.pods = cluster.helm(), cluster.pods()
    seen.record = helm_record.newest(cluster)
    if seen.at_work or not (seen.pin and seen.settings.release and seen.state.released):
        return
    problems = verification.verify(cluster, seen.pin, replicas=seen.settings.release.replicas).problems
    seen.drift = (*_besides_history(seen), *_by_hand(cluster, seen.record), *problems)


def _refuse_wrong(seen: Sighting, outlook: Outlook, cluster: Cluster) -> None:
    assert seen.state
    found = Survey(
        ledger=seen.ledger or ledgers.ledger(()),
        state=seen.state,
        locks={},
        cluster=cluster,
        helm=(),
        uid=cluster.uid(),
    )
    screen = Screen(stream=sys.stderr, redactor=outlook.redactor)
    Preflight(stack=outlook.stack(seen.stack), survey=found, screen=screen).right_cluster()


def _besides_history(seen: Sighting) -> tuple[str, ...]:
    running = seen.ledger.running if seen.ledger else None
    if seen.record is None or running is None:
        return ()
    deployed = Identity(version=seen.record.version, digest=seen.record.digest)
    return drift.besides_history(deployed, running.identity)


def _by_hand(cluster: Cluster, record: HelmRecord | None) -> tuple[str, ...]:
    made = record.object("StatefulSet", RELEASE) if record else None
    return drift.by_hand(made, cluster.statefulset()) if made else ()


def _tried(seen: Sighting, what: str, call: Callable[[], T]) -> T | None:
    try:
        return call()
    except (ReleaseError, UnusableError) as error:
        seen.troubles[what] = error
        return None
