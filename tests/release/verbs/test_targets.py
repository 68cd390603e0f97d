"""Where promote goes on to, and where rollback goes back to."""

import pytest

from release.errors import RefusedError
from release.verbs.promote import further
from release.verbs.rollback import target_of
from tests.release.histories import back_from, entry, told


def test_promote_goes_on_through_the_steps_above_what_runs():
    running = told(entry("v1"), entry("v2", percent=10, at=1)).running
    assert further(running, (10, 50, 100), to=100, stack="staging") == (50, 100)
    assert further(running, (10, 50, 100), to=30, stack="staging") == (30,)
    assert further(running, (10, 50, 100), to=50, stack="staging") == (50,)


def test_promote_refuses_what_runs_on_as_many_pods_already():
    """Fault 24."""
    running = told(entry("v1")).running
    with pytest.raises(RefusedError, match="already runs on 100 %"):
        further(running, (10, 50, 100), to=50, stack="staging")


def test_promote_refuses_where_nothing_runs():
    with pytest.raises(RefusedError, match="Nothing runs"):
        further(None, (10, 50, 100), to=50, stack="staging")


def test_rollback_leaves_a_partial_release_for_the_last_good_one():
    ledger = told(entry("v1"), entry("v2", at=1), entry("v3", percent=25, at=2))
    assert target_of(ledger, None, stack="staging").pin.version == "v2"


def test_rollback_of_a_whole_release_goes_to_the_one_before():
    ledger = told(entry("v1"), entry("v2", at=1))
    assert target_of(ledger, None, stack="staging").pin.version == "v1"


def test_rollback_after_a_failed_update_stays_with_what_was_good():
    ledger = told(entry("v1"), entry("v2", at=1), entry("v3", result="failed", at=2))
    assert target_of(ledger, None, stack="staging").pin.version == "v2"


def test_rollback_to_a_version_takes_any_that_was_good_and_no_other():
    ledger = told(entry("v1"), entry("v2", at=1), entry("v1", note=back_from("v2"), at=2))
    assert target_of(ledger, "v1", stack="staging").pin.version == "v1"
    with pytest.raises(RefusedError, match="v2 never was a good release of this stack; those that were: v1"):
        target_of(ledger, "v2", stack="staging")


def test_rollback_without_a_good_release_is_refused():
    with pytest.raises(RefusedError, match="There is no good release to go back to"):
        target_of(told(entry("v1", result="failed")), None, stack="staging")
