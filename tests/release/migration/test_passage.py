"""From phase to phase with the pretended engine: one end, and every block that was there is there."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release.delivery import Delivery
from release.errors import NoWayBackError
from release.migration.crossing import crossing
from release.migration.passage import Passage, newest
from release.outcome import Outcome
from release.past import ledger as ledgers
from release.past.message import parse
from release.survey import Survey
from tests.release.migrating import OURS, FakeJobs, MigratingCluster, MigratingWorld, data_of, pin
from tests.release.test_delivery import GOOD, answering, plan

REVERSIBLE, NO_RETURN = "sync-improvement", "lighthouse-migration"


def started(tmp_path, phase, **keys):
    return MigratingWorld(folder=tmp_path, phase=phase, **keys)


def entering(world, phase, *, ask=GOOD, corrupt=(), steps=(25, 50, 100)):
    """A run that is about to begin."""
    site = world.site()
    cluster = MigratingCluster(world)
    ledger = ledgers.ledger(site.stack.history())
    survey = Survey(ledger=ledger, state=site.stack.state(), locks={}, cluster=cluster, helm=(), uid="1")
    found = crossing(OURS, ledger, world.file.read(), phase, stack="local")
    data = data_of(world, cluster, FakeJobs(world, corrupt=set(corrupt)))
    passage = Passage(data=data, before=data.heads(), restore=found.restore, wait_seconds=1)
    planned = plan(verb="migrate", pin=found.wanted, ask=ask, steps=steps)
    return Delivery(site=site, survey=survey, plan=planned, between=passage)


def growing(world, value):
    """A Prometheus that answers a while later, when every chain has grown."""

    def ask(query):
        world.grow(1)
        return answering(value)(query)

    return ask


def formats(world):
    return {chain.format for chain in world.chains.values()}


def kept(world, before):
    return all(world.chains[number].height >= chain.height for number, chain in before.items())


def test_a_phase_is_entered_in_steps_and_the_history_says_so(tmp_path):
    world = started(tmp_path, "actor-core")
    before = dict(world.chains)
    assert entering(world, REVERSIBLE).deliver().outcome is Outcome.DONE
    assert (formats(world), set(world.phases.values())) == ({2}, {REVERSIBLE})
    assert kept(world, before)
    assert [parse(message).action for message in world.updates] == ["migrate"] * 3
    assert ledgers.ledger(world.site().stack.history()).last_good().pin.phase == REVERSIBLE


def test_what_was_looked_at_is_kept(tmp_path):
    world = started(tmp_path, "actor-core")
    entering(world, REVERSIBLE).deliver()
    report = json.loads((tmp_path / ".release" / "run-1" / "validation.json").read_text())
    assert [one["rollout"] for one in report] == [25, 50, 100]
    assert all(check["passed"] for one in report for check in one["checks"])


@pytest.mark.parametrize(("begin", "goal"), [("actor-core", REVERSIBLE), (REVERSIBLE, NO_RETURN)])
def test_a_gate_that_fails_goes_back_as_the_phase_says_with_every_block(tmp_path, begin, goal):
    world = started(tmp_path, begin)
    before, format_before = dict(world.chains), formats(world)
    result = entering(world, goal, ask=growing(world, (1.0,))).deliver()
    assert result.outcome is Outcome.ROLLED_BACK
    assert (formats(world), set(world.phases.values())) == (format_before, {begin})
    assert world.file.read().phase == begin
    assert kept(world, before)


def test_a_migration_that_loses_blocks_is_found_and_the_backup_brings_them_back(tmp_path):
    world = started(tmp_path, REVERSIBLE, loses_blocks=True)
    before = dict(world.chains)
    result = entering(world, NO_RETURN).deliver()
    assert result.outcome is Outcome.ROLLED_BACK
    assert "validation: heights only grow: alys-node-3" in result.reason
    assert kept(world, before)


def test_pods_that_helm_could_not_put_back_get_their_backup(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    world.script = ["crash"]
    before = dict(world.chains)
    result = entering(world, NO_RETURN).deliver()
    assert result.outcome is Outcome.ROLLED_BACK, result.reason
    assert (formats(world), world.stuck) == ({2}, set())
    assert kept(world, before)


def test_without_a_whole_backup_the_way_back_is_not_tried(tmp_path):
    """The pods of the phase serve, and nobody takes them away."""
    world = started(tmp_path, REVERSIBLE)
    result = entering(world, NO_RETURN, ask=answering((1.0,)), corrupt=["sync-improvement-r1"]).deliver()
    assert result.outcome is Outcome.ROLLBACK_FAILED
    assert "sync-improvement-r1 can't be restored: alys-node-3: its sha256 is another" in result.reason
    assert len(world.updates) == 1
    assert (world.file.read().phase, world.stuck) == (NO_RETURN, set())


def test_the_newest_backup_of_the_phase_before_is_taken(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    for name, phase in [("a", REVERSIBLE), ("b", REVERSIBLE), ("c", NO_RETURN)]:
        world.backups[name] = {pod: (chain, phase) for pod, chain in world.chains.items()}
    found = data_of(world, MigratingCluster(world), FakeJobs(world)).backups()
    assert newest(found, ("alys-node-0", "alys-node-3"), pin(REVERSIBLE)).name == "b"
    with pytest.raises(NoWayBackError, match="no whole backup of alys-node-0 from actor-core"):
        newest(found, ("alys-node-0",), pin("actor-core"))


def test_a_phase_that_failed_is_on_hold_and_the_one_before_is_not(tmp_path):
    world = started(tmp_path, "actor-core")
    run = entering(world, REVERSIBLE, ask=answering((1.0,)))
    run.deliver()
    ledger = ledgers.ledger(world.site().stack.history())
    assert ledger.hold(run._about.release)
    assert ledger.hold(replace(run._about.release, phase="actor-core")) is None


def test_a_run_that_was_killed_is_taken_up_and_goes_back_to_where_that_began(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    before = dict(world.chains)
    entering(world, NO_RETURN, steps=(50,)).deliver()
    assert set(world.phases.values()) == {REVERSIBLE, NO_RETURN}
    again = entering(world, NO_RETURN, ask=growing(world, (1.0,)))
    assert again.deliver().outcome in {Outcome.ROLLED_BACK, Outcome.ROLLBACK_FAILED}
    assert (formats(world), set(world.phases.values())) == ({2}, {REVERSIBLE})
    assert kept(world, before)


def going_back(world, target, *, heads, named=None):
    """A run that is about to leave a phase, as `rollback` and `restore` begin it."""
    site, cluster = world.site(), MigratingCluster(world)
    ledger = ledgers.ledger(site.stack.history())
    survey = Survey(ledger=ledger, state=site.stack.state(), locks={}, cluster=cluster, helm=(), uid="1")
    data = data_of(world, cluster, FakeJobs(world))
    passage = Passage(data=data, before=heads, restore=True, wait_seconds=1, named=named)
    planned = plan(verb="restore", pin=target.pin, steps=(100,), gates={}, ask=None)
    return Delivery(site=site, survey=survey, plan=planned, between=passage).go_back_to(target)


def test_a_rollback_from_a_point_of_no_return_that_was_not_passed_restores_what_was_migrated(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    before = dict(world.chains)
    entering(world, NO_RETURN, steps=(50,)).deliver()
    world.grow(5)
    target = ledgers.ledger(world.site().stack.history()).last_good()
    result = going_back(world, target, heads={})
    assert result.outcome is Outcome.DONE, result.reason
    assert (formats(world), set(world.phases.values())) == ({2}, {REVERSIBLE})
    assert kept(world, before)
    assert [world.chains[pod].height - before[pod].height for pod in range(4)] == [5, 5, 0, 0]


def test_a_restore_past_a_point_of_no_return_brings_the_release_of_its_phase_and_its_blocks(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    target = ledgers.ledger(world.site().stack.history()).last_good()
    entering(world, NO_RETURN).deliver()
    (at_backup,) = world.backups.values()
    world.grow(5)
    (backup,) = data_of(world, MigratingCluster(world), FakeJobs(world)).backups()
    result = going_back(world, target, heads={}, named=backup)
    assert result.outcome is Outcome.DONE, result.reason
    assert world.chains == {pod: chain for pod, (chain, _) in at_backup.items()}
    assert world.file.read().phase == REVERSIBLE


def test_a_restore_that_gave_back_less_than_its_backup_is_no_success(tmp_path):
    world = started(tmp_path, REVERSIBLE)
    target = ledgers.ledger(world.site().stack.history()).last_good()
    entering(world, NO_RETURN).deliver()
    (backup,) = data_of(world, MigratingCluster(world), FakeJobs(world)).backups()
    name = backup.name
    world.backups[name] = {
        pod: (replace(chain, height=1), phase) for pod, (chain, phase) in world.backups[name].items()
    }
    result = going_back(world, target, heads={}, named=backup)
    assert result.outcome is Outcome.ROLLBACK_FAILED
    assert "heights only grow" in result.reason


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    begin=st.sampled_from([None, *OURS.order[:-1]]),
    script=st.lists(st.sampled_from(["ok", "ok", "crash", "fail", "lock"]), max_size=5),
    figures=st.lists(st.sampled_from([0.0, 0.0, 1.0]), min_size=3, max_size=3),
    loses=st.booleans(),
)
def test_every_end_keeps_every_block_of_the_last_verified_state(tmp_path, begin, script, figures, loses):
    world = started(tmp_path, begin, script=[*script], loses_blocks=loses)
    before, left = dict(world.chains), list(figures)
    goal = OURS.order[OURS.place(begin) + 1]

    def ask(query):
        world.grow(1)
        answer = answering((left[0],))(query)
        if query.startswith("sum(errors"):
            left.pop(0)
        return answer

    result = entering(world, goal, ask=ask).deliver()
    pinned, phases = world.file.read().phase, set(world.phases.values())
    if result.outcome is Outcome.DONE:
        assert (pinned, phases) == (goal, {goal})
    if result.outcome is Outcome.ROLLED_BACK:
        assert (pinned, phases, world.stuck) == (begin, {begin or ""}, set())
        assert formats(world) == {before[0].format}
    if result.outcome in {Outcome.DONE, Outcome.ROLLED_BACK, Outcome.LOCK_HELD}:
        assert kept(world, before)
