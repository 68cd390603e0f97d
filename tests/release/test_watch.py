"""An update under watch: what ends it, and what is cleared out of its way."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from release.errors import ContactLostError
from release.evidence import Evidence
from release.signals import Signals
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from release.watch import Watch, why
from tests.release.world import FakeCluster, FakeUpdate, World

CRASHING = {
    "revision": "new",
    "ready": False,
    "waiting": "CrashLoopBackOff",
    "exit_code": 1,
}


@dataclass
class Running(FakeUpdate):
    """An update that goes on for some looks, or until it is interrupted."""

    looks: int = 3

    def wait(self, _: float) -> bool:
        self.looks -= 1
        return self.looks < 0 or self.interrupted


@pytest.fixture
def cluster(tmp_path):
    return FakeCluster(World(folder=tmp_path))


@pytest.fixture
def watch(cluster, tmp_path):
    def of(update, **changes):
        redactor = Redactor()
        said = {
            "update": update,
            "cluster": cluster,
            "signals": Signals(),
            "screen": Screen(stream=StringIO(), redactor=redactor),
            "evidence": Evidence(folder=Path(tmp_path) / "evidence", redactor=redactor),
            "limit_seconds": 600,
        }
        return Watch(**said | changes)

    return of


def applied(cluster):
    """From the second look on Helm has applied the new revision."""
    looked = cluster.revisions

    def revisions():
        found = looked()
        cluster.generation = 2
        return found

    cluster.revisions = revisions


def test_an_update_that_ends_well_has_succeeded(watch):
    assert watch(Running(code=0)).run().succeeded


def test_a_pod_without_hope_ends_the_update_and_its_log_is_kept(watch, cluster):
    """Fault 14."""
    applied(cluster)
    cluster.changed["alys-node-3"] = CRASHING
    update = Running(code=255, looks=100)
    ending = watch(update).run()
    assert update.interrupted
    assert ending.reason == "alys-node-3 crashes again and again (exit code 1)"
    assert [path.name for path in ending.evidence] == ["alys-node-3.log", "alys-node-3.previous.log"]


def test_a_pod_that_was_broken_before_the_update_does_not_end_it(watch, cluster):
    cluster.changed["alys-node-3"] = CRASHING
    update = Running(code=0)
    assert watch(update).run().succeeded
    assert not update.interrupted


def test_on_the_way_back_a_broken_pod_of_the_old_revision_is_deleted_once(watch, cluster):
    cluster.changed["alys-node-3"] = CRASHING | {"revision": "bad"}
    assert watch(Running(code=0), going_back=True).run().succeeded
    assert cluster.deleted == ["alys-node-3"]


def test_forward_nothing_is_deleted(watch, cluster):
    cluster.changed["alys-node-3"] = CRASHING | {"revision": "bad"}
    watch(Running(code=0)).run()
    assert cluster.deleted == []


def test_a_cancelled_run_has_the_update_end(watch):
    """Fault 2."""
    signals = Signals()
    signals.cancelled = "SIGINT"
    update = Running(code=255, looks=100)
    assert watch(update, signals=signals).run().reason == "cancelled by SIGINT"
    assert update.interrupted


def test_the_way_back_is_not_cancelled(watch):
    signals = Signals()
    signals.cancelled = "SIGINT"
    update = Running(code=0)
    assert watch(update, signals=signals, going_back=True).run().succeeded
    assert not update.interrupted


def test_whoever_takes_the_stack_over_ends_a_way_back_too(watch):
    """Faults 5 and 19: one that hangs would keep the emergency out."""
    signals = Signals()
    signals.stand_down = True
    update = Running(code=255, looks=100)
    watch(update, signals=signals, going_back=True).run()
    assert update.interrupted


def test_an_update_past_its_limit_is_ended(watch):
    """Fault 15."""
    update = Running(code=255, looks=100)
    assert watch(update, limit_seconds=-1).run().reason == "no end after -1 s"


def test_the_engines_own_reason_is_said(watch):
    said = "Diagnostics:\n  error: update failed\n  error: Helm release failed to upgrade: timed out\n"
    assert watch(Running(code=255, said=said)).run().reason == "Helm release failed to upgrade: timed out"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"phase": "Failed"}, "the smoke test failed: /version expected v2, found v1"),
        ({"phase": "Running"}, "the smoke test did not end in its time"),
        ({"phase": "Failed", "reason": "DeadlineExceeded"}, "the smoke test did not end in its time"),
        ({"phase": "Succeeded"}, "timed out"),
    ],
    ids=["fails", "hangs", "hangs for longer than it may", "passes"],
)
def test_what_the_updates_own_smoke_test_says_goes_before_the_engines_reason(watch, cluster, status, reason):
    """Fault 17."""
    tests = iter([{"metadata": {"uid": "before"}, "status": {"phase": "Failed"}}])
    made = {"metadata": {"uid": "own"}, "status": status}
    cluster.smoke_test = lambda: next(tests, made)
    cluster.log = lambda pod: "FAILED  /version  expected v2, found v1\n"
    assert watch(Running(code=255, said="error: timed out\n")).run().reason == reason


def test_a_cluster_that_is_out_of_sight_does_not_end_the_watch(watch, cluster):
    """Fault 7."""

    def lost():
        raise ContactLostError(what="out of sight", where="here", remedy="look")

    cluster.revisions = lost
    assert watch(Running(code=0)).run().succeeded


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            (
                "error: 1 error occurred:\n\t* Helm release 'a/b' failed to upgrade: release b failed, and"
                " has been rolled back due to atomic being set: post-upgrade hooks failed: job c failed\n"
            ),
            "post-upgrade hooks failed: job c failed",
        ),
        (
            "  error: Pulumi.local.yaml has a mistake\n  error: update failed\n",
            "Pulumi.local.yaml has a mistake",
        ),
        ("", "the update failed, and the engine does not say why"),
    ],
)
def test_the_reason_is_the_cause_and_not_the_count_of_errors(said, reason):
    assert why(said) == reason
