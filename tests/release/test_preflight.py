"""What every run asks first, whatever its verb."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from release import preflight, site
from release.errors import ContactLostError, LockHeldError, RefusedError
from release.locking.locks import Lock, Owner
from release.outside.cluster import HelmRevision
from release.outside.state import State
from release.past import ledger as ledgers
from release.survey import Survey
from release.verbs import deploy, promote, rollback
from tests.release.world import FakeCluster, World

LOCK = Lock(path="/locks/1.json", pid=7, user="ada", host="there", since=datetime(2026, 11, 24, tzinfo=UTC))
CHANGES = {
    "deploy": lambda site: deploy.deploy(site, deploy.Wish(version="v2.0.0")),
    "promote": lambda site: promote.promote(site, to=100),
    "rollback": lambda site: rollback.rollback(site, to=None, emergency=False),
}


@pytest.fixture
def look(tmp_path, monkeypatch):
    """A site whose survey finds what the test says, and which can ask nobody else."""
    made = World(folder=tmp_path).site()
    found = Survey(
        ledger=ledgers.ledger(made.stack.history()),
        state=made.stack.state(),
        locks={},
        cluster=FakeCluster(made.stack.world),
        helm=(),
        uid="1",
    )

    def seeing(**keys):
        monkeypatch.setattr(site.survey, "take", lambda *_: replace(found, **keys))
        return made

    return seeing


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_held_lock_is_named_before_anybody_else_is_asked(look, change):
    """Fault 3: also where neither registry nor Prometheus answers."""
    with pytest.raises(LockHeldError, match="process 7"):
        change(look(locks={LOCK: Owner.FOREIGN}))


def test_a_lock_that_somebody_took_since_is_not_removed_with_the_dead_ones(look, monkeypatch):
    """Fault 1: all are removed at once, and another run may have mended the stack and begun."""
    made = look(locks={LOCK: Owner.DEAD})
    checks = preflight.ready(made)
    monkeypatch.setattr(preflight, "judged", lambda _: {LOCK: Owner.LIVE})
    with pytest.raises(LockHeldError, match="process 7"):
        checks.mend()


HIDDEN = ContactLostError(
    what="The bucket state can't be read: no answer within 20 s",
    where="s3://state/",
    remedy="Ask it yourself",
)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_where_the_locks_can_t_be_seen_nothing_is_changed(look, change):
    with pytest.raises(RefusedError, match="no answer within 20 s; nothing was changed") as refused:
        change(look(locks_hidden=HIDDEN))
    assert refused.value.remedy == (
        "Ask it yourself\nTo go back now, whoever is at work:  release rollback local --emergency"
    )


def test_in_an_emergency_locks_that_can_t_be_seen_are_said_and_not_waited_for(look):
    made = look(locks_hidden=HIDDEN, helm=at_work(seconds=30))
    assert preflight.ready(made, emergency=True).survey.leftovers
    assert made.screen.console.file.getvalue().count("goes on without seeing who holds the stack") == 1


def at_work(*, seconds: int) -> tuple[HelmRevision, ...]:
    began = datetime.now(UTC) - timedelta(seconds=seconds)
    return (HelmRevision(number=5, status="pending-upgrade", began=began),)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_helm_upgrade_that_somebody_runs_by_hand_is_not_ended(look, change):
    with pytest.raises(LockHeldError, match="no update of the stack began it"):
        change(look(helm=at_work(seconds=30)))


BEGUN = State(deployment={"pending_operations": [{"type": "updating", "resource": {"urn": "urn:release"}}]})


@pytest.mark.parametrize("sees", [True, False])
def test_an_operation_that_was_begun_is_a_leftover_only_where_locks_can_be_seen(look, sees):
    """Fault 3: a live update of another machine has one too."""
    made = look(helm=at_work(seconds=30), state=BEGUN, sees_locks=sees)
    if sees:
        assert preflight.ready(made).survey.leftovers
        return
    with pytest.raises(LockHeldError, match="no update of the stack began it"):
        preflight.ready(made)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_may_not_read_what_helm_is_at_changes_nothing(look, change):
    with pytest.raises(RefusedError, match="may not read Helm's records"):
        change(look(helm_hidden=True))


def test_in_an_emergency_it_is_ended_all_the_same(look):
    assert preflight.ready(look(helm=at_work(seconds=30)), emergency=True).survey.leftovers


def test_what_helm_can_t_be_at_any_more_is_mended(look, monkeypatch):
    made = look(helm=at_work(seconds=3600))
    monkeypatch.setattr(preflight.data_jobs, "clear", lambda _: 0)
    assert preflight.ready(made).mend()
    assert made.stack.world.restored == 1
