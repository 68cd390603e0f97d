from datetime import UTC, datetime

import pytest

from release.locking import leftovers
from release.locking.leftovers import Kind
from release.locking.locks import Lock
from release.past.message import Note
from tests.release.histories import entry, told

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
