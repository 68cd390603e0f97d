from datetime import UTC, datetime, timedelta

import pytest

from release.locking import leftovers
from release.locking.leftovers import Kind
from release.locking.locks import Lock
from release.past.message import Note
from tests.release.histories import BEGAN, entry, told

LOCK = Lock(path="/locks/1.json", pid=7, user="ada", host="here", since=datetime(2026, 11, 24, tzinfo=UTC))
STATE = {
    "version": 3,
    "deployment": {
        "pending_operations": [
            {
                "type": "updating",
                "resource": {"urn": "urn:pulumi:local::alys::kubernetes:helm.sh/v3:Release::node"},
            }
        ]
    },
}


def found(**keys):
    clean = {"dead_locks": (), "pending": (), "helm_status": "deployed", "ledger": told(entry("v1"))}
    return leftovers.found(**{**clean, **keys})


def test_a_run_that_ended_left_nothing():
    assert found() == ()


def test_what_a_killed_run_left_is_mended_in_order():
    """Fault 1: the lock stands before the state, and the state before Helm."""
    steps = told(entry("v1"), entry("v2", at=1, percent=10, note=Note(action="deploy", step=(1, 3))))
    left = found(
        dead_locks=[LOCK],
        pending=leftovers.pending_operations(STATE),
        helm_status="pending-upgrade",
        ledger=steps,
    )
    assert [leftover.kind for leftover in left] == sorted(Kind)
    assert left[-1].what == "v2 got to step 1 of 3 and no further"


def test_a_pending_operation_is_named_with_its_resource():
    assert leftovers.pending_operations(STATE) == (
        "updating urn:pulumi:local::alys::kubernetes:helm.sh/v3:Release::node",
    )


@pytest.mark.parametrize(
    "state", [{}, {"deployment": None}, {"deployment": {}}, {"deployment": {"pending_operations": None}}]
)
def test_a_state_without_pending_operations_has_none(state):
    assert leftovers.pending_operations(state) == ()


@pytest.mark.parametrize("status", ["pending-install", "pending-upgrade", "pending-rollback"])
def test_helm_in_the_middle_of_something_is_left_over(status):
    assert [leftover.kind for leftover in found(helm_status=status)] == [Kind.HELM_UPGRADE]


@pytest.mark.parametrize("status", [None, "deployed", "failed", "superseded"])
def test_helm_at_rest_is_none(status):
    assert found(helm_status=status) == ()


LIMIT = timedelta(seconds=120)


def by_hand(**keys):
    """Ten seconds after a `helm upgrade` that began an hour after the stack's last update."""
    began = BEGAN + timedelta(hours=1)
    given = {
        "dead_locks": (),
        "pending": (),
        "helm_status": "pending-upgrade",
        "helm_began": began,
        "ledger": told(entry("v1")),
        "limit": LIMIT,
        "now": began + timedelta(seconds=10),
    }
    return leftovers.at_work_by_hand(**{**given, **keys})


def test_what_helm_began_without_an_update_may_still_go_on():
    assert by_hand()


@pytest.mark.parametrize(
    "accounted_for",
    [
        {"helm_status": "deployed"},
        {"now": BEGAN + timedelta(hours=1) + LIMIT + timedelta(seconds=1)},
        {"dead_locks": [LOCK]},
        {"pending": ("updating urn:x",)},
        {"ledger": told(entry("v1"), entry("v2", at=60, result="failed"))},
    ],
    ids=[
        "has ended",
        "too old to go on",
        "a killed update's",
        "an operation's",
        "an update's that has ended",
    ],
)
def test_what_an_update_began_that_has_ended_or_was_killed_is_a_leftover(accounted_for):
    """Fault 1."""
    assert not by_hand(**accounted_for)


def test_an_update_of_another_time_accounts_for_nothing():
    assert by_hand(ledger=told(entry("v1"), entry("v2", at=30, result="failed")))
