"""A run has one end, and whatever the end, file, pods and history agree."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release import others
from release.delivery import Delivery
from release.errors import ContactLostError, RefusedError
from release.gates_file import Gate
from release.health import assurance
from release.locking.locks import Owner
from release.outcome import Outcome
from release.past import ledger as ledgers
from release.past.message import parse
from release.plan import Plan
from release.survey import Survey
from sections.pin import Pin
from tests.release.histories import entry
from tests.release.world import FakeCluster, World

GATE = Gate(says="errors", series="errors", query="sum($series)", max=0.01, min_samples=1)
STEPS = (25, 50, 100)


def plan(version="v2.0.0", *, ask=lambda _: (0.0,), **changes):
    said = {
        "verb": "deploy",
        "pin": Pin(version=version, rollout=100),
        "steps": STEPS,
        "soak_seconds": 0,
        "patience_seconds": 0,
        "gates": {"errors": GATE},
        "ask": ask,
    }
    return Plan(**said | changes)


def answering(value):
    """A Prometheus whose counts and ages are fine, and whose figure is this one."""

    def ask(query):
        if query.startswith("sum(count_over_time"):
            return (100.0,)
        return (1.0,) if query.startswith("time()") else value

    return ask


GOOD = answering((0.0,))


def delivery(world, planned):
    site = world.site()
    cluster = FakeCluster(world)
    survey = Survey(
        ledger=ledgers.ledger(site.stack.history()),
        state=site.stack.state(),
        locks={},
        cluster=cluster,
        helm=(),
        uid="1",
    )
    return Delivery(site=site, survey=survey, plan=planned)


@pytest.fixture
def world(tmp_path):
    return World(folder=tmp_path)


def test_a_release_goes_through_its_steps_and_ends_on_all_pods(world):
    result = delivery(world, plan(ask=GOOD)).deliver()
    assert result.outcome is Outcome.DONE
    assert world.versions() == ["v2.0.0"] * 4
    assert world.file.read() == Pin(version="v2.0.0")
    assert [parse(message).step for message in world.updates] == [(1, 3), (2, 3), (3, 3)]
    assert result.file_changed == "Pulumi.local.yaml"


def test_a_failing_step_goes_back_to_the_last_good_release(world):
    world.script = ["ok", "fail"]
    result = delivery(world, plan(ask=GOOD)).deliver()
    assert result.outcome is Outcome.ROLLED_BACK
    assert world.versions() == ["v1.0.0"] * 4
    assert world.file.read() == Pin(version="v1.0.0")
    assert "Helm release failed" in result.reason
    note = parse(world.updates[-1])
    assert (note.action, note.left.version, note.to.version) == ("rollback", "v2.0.0", "v1.0.0")


@pytest.mark.parametrize(
    ("value", "verdict"), [((0.2,), "fail"), ((), "no data"), ((0.0, 0.0), "error")], ids=str
)
def test_only_a_gate_that_passes_promotes(world, value, verdict):
    """Faults 8, 9, 11."""
    result = delivery(world, plan(ask=answering(value))).deliver()
    assert result.outcome is Outcome.ROLLED_BACK
    assert f"gate errors: {verdict}" in result.reason
    assert world.versions() == ["v1.0.0"] * 4
    assert len(world.updates) == 2, "one step, and back"


def test_a_release_that_was_rolled_back_is_on_hold(world):
    world.script = ["fail"]
    delivery(world, plan(ask=GOOD)).deliver()
    ledger = ledgers.ledger(world.site().stack.history())
    assert ledger.hold(delivery(world, plan(ask=GOOD))._about.release)
    assert ledger.last_good().pin.version == "v1.0.0"


def test_a_stack_that_another_update_holds_is_left_alone(world):
    """Fault 3: also where the locks can't be seen beforehand."""
    world.script = ["lock"]
    before = world.file.path.read_text()
    result = delivery(world, plan(ask=GOOD)).deliver()
    assert result.outcome is Outcome.LOCK_HELD
    assert world.file.path.read_text() == before
    assert world.updates == []


def test_a_run_that_another_one_took_over_touches_nothing_more(world):
    """Fault 5: an emergency rollback came between two steps; the older deployment can't finish later."""

    def taken_over(query):
        world.file.write(Pin(version="v1.0.0"))
        world.update("Back\n\nrelease: rollback from=v2.0.0 run=emergency")
        return GOOD(query)

    result = delivery(world, plan(ask=taken_over)).deliver()
    assert result.outcome is Outcome.CANCELLED
    assert "another run" in result.reason
    assert world.versions() == ["v1.0.0"] * 4
    assert world.file.read() == Pin(version="v1.0.0")


def test_a_run_that_another_clone_took_over_leaves_its_own_pin_in_no_file(world):
    """Fault 5: what stands in this clone's file would be brought into the branch."""

    def taken_over(query):
        back = entry("v1.0.0", at=len(world.entries))
        world.entries.append(back | {"message": "Back\n\nrelease: rollback from=v2.0.0 run=emergency"})
        return GOOD(query)

    result = delivery(world, plan(ask=taken_over)).deliver()
    assert result.outcome is Outcome.CANCELLED
    assert world.file.read() == Pin(version="v1.0.0")
    assert result.file_changed == ""


@pytest.mark.parametrize("answer", [GOOD, answering((1.0,))], ids=["the gate passes", "the gate fails"])
def test_a_run_that_finds_helm_at_another_revision_does_nothing_with_it(world, answer):
    """Fault 3: an update that goes on has no entry in the history yet."""

    def begun(query):
        world.helm = 99
        return answer(query)

    result = delivery(world, plan(ask=begun)).deliver()
    assert result.outcome is Outcome.CANCELLED
    assert (world.helm, world.restored, len(world.updates)) == (99, 0, 1)


def test_a_run_that_finds_a_lock_leaves_the_stack_alone(world, monkeypatch):
    """Fault 3."""

    def locked(query):
        monkeypatch.setattr(others, "judged", lambda _: {"lock": Owner.FOREIGN})
        return GOOD(query)

    assert delivery(world, plan(ask=locked)).deliver().outcome is Outcome.CANCELLED
    assert len(world.updates) == 1


def test_a_way_back_whose_stack_is_taken_over_says_so(world):
    """Fault 5: the emergency ends it, and goes back itself."""

    def stopped(message, *, log, whole):
        if parse(message).action == "rollback":
            run.site.signals.stand_down = True
            world.script = ["fail"]
        return world.update(message)

    run = delivery(world, plan(ask=answering((1.0,))))
    run.site.stack.update = stopped
    assert run.deliver().outcome is Outcome.CANCELLED


def test_a_cancelled_rerun_of_the_good_release_stays_with_it(world):
    world.file.write(Pin(version="v0.9.0"))
    world.update("older")
    world.file.write(Pin(version="v1.0.0"))
    world.update("newer")

    def cancelled(query):
        run.site.signals.cancelled = "SIGTERM"
        return GOOD(query)

    run = delivery(world, plan("v1.0.0", ask=cancelled, steps=(50, 100)))
    assert run.deliver().outcome is Outcome.CANCELLED
    assert world.file.read() == Pin(version="v1.0.0")
    assert world.versions() == ["v1.0.0"] * 4


@pytest.mark.parametrize(("value", "stays"), [((), True), ((1.0,), False)], ids=["no data", "bad figures"])
def test_a_rerun_of_the_good_release_leaves_it_only_for_bad_figures(world, value, stays):
    """Fault 9: where the gates can't tell, it goes on as it did before."""
    world.entries.insert(0, entry("v0.9.0", at=-1))
    result = delivery(world, plan("v1.0.0", ask=answering(value), steps=(100,))).deliver()
    assert result.outcome is Outcome.ROLLED_BACK
    assert world.file.read().version == ("v1.0.0" if stays else "v0.9.0")
    ledger = ledgers.ledger(world.site().stack.history())
    assert bool(ledger.hold(result.release)) is not stays


def blinking(run, monkeypatch, times):
    """The cluster can't be asked so often."""
    monkeypatch.setattr(assurance, "_ASKED_AGAIN_AFTER_SECONDS", (0, 0, 0))
    verify, left = assurance.verification.verify, [times]

    def asked(*words, **named):
        left[0] -= 1
        if left[0] >= 0:
            raise ContactLostError(what="out of sight", where="c", remedy="r")
        return verify(*words, **named)

    monkeypatch.setattr(assurance.verification, "verify", asked)


def test_a_contact_that_is_lost_for_a_moment_takes_no_release_back(world, monkeypatch):
    """Fault 7."""
    run = delivery(world, plan(ask=GOOD))
    blinking(run, monkeypatch, 3)
    assert run.deliver().outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("script", "pinned"), [([], "v2.0.0"), (["fail"], "v1.0.0")], ids=["forward", "back"]
)
def test_a_contact_that_stays_lost_leaves_what_runs_unknown_and_nobody_blamed(
    world, monkeypatch, script, pinned
):
    """Fault 7."""
    world.script = [*script]
    run = delivery(world, plan(ask=GOOD))
    blinking(run, monkeypatch, 99)
    result = run.deliver()
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, "out of sight")
    assert world.restored == 0
    # What the engine brought to its end stays in the file.
    assert world.file.read() == Pin(version=pinned)


def test_what_is_lost_between_two_steps_leaves_the_file_on_the_last_good_pin(world):
    """Fault 7."""
    run = delivery(world, plan(ask=GOOD))
    run.between.after_step = lambda _: lost()

    def lost():
        raise ContactLostError(what="out of sight", where="c", remedy="r")

    assert run.deliver().outcome is Outcome.UNKNOWN
    assert world.file.read() == Pin(version="v1.0.0")


def test_a_disk_without_room_for_a_log_leaves_file_and_pods_as_they_were(world):
    """Fault 20."""

    def full(message, *, log, whole):
        raise OSError(28, "No space left on device", str(log))

    run = delivery(world, plan(ask=GOOD))
    run.site.stack.update = full
    result = run.deliver()
    assert (result.outcome, result.file_changed) == (Outcome.UNKNOWN, "")
    assert world.file.read() == Pin(version="v1.0.0")


def test_a_cancelled_run_is_taken_back_and_nobody_is_to_blame(world):
    """Fault 2."""

    def cancelled(query):
        run.site.signals.cancelled = "SIGTERM"
        return GOOD(query)

    run = delivery(world, plan(ask=cancelled))
    result = run.deliver()
    assert result.outcome is Outcome.CANCELLED
    assert world.versions() == ["v1.0.0"] * 4
    assert parse(world.updates[-1]).action == "withdraw"
    assert not ledgers.ledger(run.site.stack.history()).hold(result.release)


def test_a_way_back_that_fails_too_is_said_and_not_tried_again(world):
    """Fault 19."""
    world.script = ["ok", "fail", "fail"]
    result = delivery(world, plan(ask=GOOD)).deliver()
    assert result.outcome is Outcome.ROLLBACK_FAILED
    assert len(world.updates) == 3
    assert world.file.read() == Pin(version="v1.0.0"), "the file is on the last good pin all the same"


def test_without_a_good_release_the_file_is_as_it_was(world):
    world.entries.clear()
    world.script = ["fail"]
    before = world.file.path.read_text()
    result = delivery(world, plan(ask=GOOD)).deliver()
    assert result.outcome is Outcome.ROLLBACK_FAILED
    assert "there is no good release to go back to" in result.reason
    assert world.file.path.read_text() == before


def test_a_rollback_brings_back_the_flags_too(world):
    world.file.write(Pin(version="v1.0.0", flags={"fast": True}))
    world.update("flags by hand")
    site = world.site()
    target = ledgers.ledger(site.stack.history()).kept[0]
    run = delivery(world, plan("v1.0.0", verb="rollback", ask=None, gates={}, steps=(100,)))
    result = run.go_back_to(target)
    assert result.outcome is Outcome.DONE
    assert world.file.read().flags == {}
    assert {flags for _, flags in world.pods.values()} == {target.identity.flags}


def test_a_rollback_of_a_stack_that_somebody_holds_says_so(world):
    """Fault 3: with the code for it, for nothing was changed."""
    world.file.write(Pin(version="v2.0.0"))
    world.update("newer")
    target = ledgers.ledger(world.site().stack.history()).kept[0]
    world.script = ["lock"]
    run = delivery(world, plan("v1.0.0", verb="rollback", ask=None, gates={}, steps=(100,)))
    result = run.go_back_to(target)
    assert (result.outcome, result.file_changed) == (Outcome.LOCK_HELD, "")
    assert world.file.read() == Pin(version="v2.0.0")


def test_a_release_that_is_not_as_pinned_and_then_lost_stays_in_no_file(world, monkeypatch):
    """Fault 7: all pods were said to be updated, and one wasn't."""
    run = delivery(world, plan(ask=GOOD))

    def wrong(*_, **__):
        raise ContactLostError(what="out of sight", where="c", remedy="r")

    monkeypatch.setattr(type(run._assurance), "problem", lambda _, pin: "one pod runs v1.0.0")
    run.between.going_back = wrong
    assert run.deliver().outcome is Outcome.UNKNOWN
    assert world.file.read() == Pin(version="v1.0.0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    script=st.lists(st.sampled_from(["ok", "ok", "fail", "lock"]), max_size=5),
    figures=st.lists(st.sampled_from([0.0, 0.0, 1.0]), min_size=3, max_size=3),
)
def test_every_end_leaves_file_pods_and_history_in_order(tmp_path, script, figures):
    world = World(folder=tmp_path, script=[*script])
    left = list(figures)

    def ask(query):
        return answering((left[0],))(query)

    def next_step(query):
        answer = ask(query)
        if query.startswith("sum(errors"):
            left.pop(0)
        return answer

    result = delivery(world, plan(ask=next_step)).deliver()
    pinned, running = world.file.read(), set(world.versions())
    if result.outcome is Outcome.DONE:
        assert (pinned.version, running) == ("v2.0.0", {"v2.0.0"})
    if result.outcome is Outcome.ROLLED_BACK:
        assert (pinned.version, pinned.rollout, running) == ("v1.0.0", 100, {"v1.0.0"})
    if result.outcome is Outcome.LOCK_HELD:
        assert running == {"v1.0.0"}
    assert ledgers.ledger(world.site().stack.history()).last_good() is not None
    assert "v1.0.0" in {pinned.version, *running} or result.outcome is Outcome.DONE


def test_a_backend_that_is_lost_on_the_way_leaves_what_runs_unknown(world):
    """Fault 7."""
    run = delivery(world, plan(ask=GOOD))
    looks = iter(range(100))
    history = run.site.stack.history

    def lost():
        if next(looks) == 2:
            raise RefusedError(what="The stack can't be read; nothing was changed", where="s", remedy="r")
        return history()

    run.site.stack.history = lost
    result = run.deliver()
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason == "The stack can't be read"


def test_what_was_changed_by_hand_is_put_right_although_the_engine_sees_no_difference(world):
    """Fault 26."""
    run = delivery(world, plan("v1.0.0", ask=GOOD))
    world.pods[2] = ("v0.9.0-by-hand", world.pods[2][1])
    world.apply = lambda: None  # the engine's updates change nothing
    restored = []
    run._engine.cluster.restore = lambda _: restored.append(world.pods.update({2: world.pods[1]}))
    assert run.deliver().outcome is Outcome.DONE
    assert len(restored) == 1


def test_a_way_back_ends_what_helm_never_finished_first(world):
    """Fault 1: a killed plugin leaves it."""
    world.script = ["fail"]
    world.unfinished = True
    assert delivery(world, plan(ask=GOOD)).deliver().outcome is Outcome.ROLLED_BACK
    assert world.restored == 1
