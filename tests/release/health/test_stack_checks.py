from datetime import UTC, datetime, timedelta

import pytest

from release.errors import ContactLostError, RefusedError
from release.health import stack_checks
from release.health.checkup import Health
from release.health.sighting import Sighting
from release.locking.locks import Lock, Owner
from release.outside.cluster import HelmRevision
from release.outside.state import State
from release.past.message import Note
from sections.mistakes import UnusableError
from tests.release.histories import BEGAN, entry, told

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMIT = timedelta(minutes=10)


def sighting(**keys):
    known = {"stack": "staging", "ledger": told(entry("v1")), "state": State(deployment={}), "locks": {}}
    return Sighting(**known | keys)


def named(seen, name):
    return [check for check in stack_checks.checks(seen) if check.name == name]


def lock(*, age, pid=77):
    return Lock(path="/locks/1.json", pid=pid, user="ada", host="runner-1", since=NOW - age)


def checked(owner, *, age=timedelta(minutes=3), pid=77):
    return stack_checks.lock_check(lock(age=age, pid=pid), owner, stack="staging", limit=LIMIT, now=NOW)


def test_a_stack_where_all_is_well_has_nothing_wrong():
    healths = {check.health for check in stack_checks.checks(sighting())}
    assert Health.WRONG not in healths


@pytest.mark.parametrize("owner", [Owner.LIVE, Owner.FOREIGN, Owner.WRITING])
def test_a_lock_whose_owner_can_be_at_work_is_well_and_named(owner):
    """Fault 3."""
    check = checked(owner)
    assert check.health is Health.OK
    assert "ada@runner-1, process 77, for 3 min" in check.said


@pytest.mark.parametrize("owner", [Owner.FOREIGN, Owner.LIVE])
def test_a_lock_that_is_older_than_any_update_can_be_is_wrong(owner):
    """Fault 3: said, never broken."""
    check = checked(owner, age=timedelta(hours=3))
    assert check.health is Health.WRONG
    assert "Only once its owner has ended:  pulumi cancel -s staging" in check.remedy


@pytest.mark.parametrize("owner", [Owner.DEAD, Owner.NOBODY])
def test_a_lock_without_a_living_owner_is_wrong_and_the_command_removes_it(owner):
    check = checked(owner)
    assert check.health is Health.WRONG
    assert "pulumi cancel -s staging --yes" in check.remedy


def test_locks_that_could_not_be_asked_for_are_wrong_and_the_remedy_is_said():
    error = ContactLostError(what="The bucket state can't be read", where="s3://state", remedy="Ask it")
    (check,) = named(sighting(locks=None, troubles={"locks": error}), "locks")
    assert (check.health, check.remedy) == (Health.WRONG, "Ask it")


def test_a_backend_that_shows_no_locks_is_not_asked():
    (check,) = named(sighting(locks=None), "locks")
    assert check.health is Health.NOT_ASKED


def test_a_run_between_two_updates_is_named():
    (check,) = named(sighting(turn=4711), "run")
    assert "process 4711" in check.said


def test_what_killed_runs_left_is_wrong_each():
    state = State(deployment={"pending_operations": [{"type": "updating", "resource": {"urn": "urn:x"}}]})
    helm = (
        HelmRevision(number=1, status="deployed", began=BEGAN),
        HelmRevision(number=2, status="pending-upgrade", began=BEGAN),
    )
    left = named(sighting(state=state, helm=helm), "leftovers")
    assert [check.health for check in left] == [Health.WRONG, Health.WRONG]
    assert "updating urn:x" in left[0].said
    assert "pending-upgrade" in left[1].said
    assert all("release deploy staging" in check.remedy for check in left)


def test_steps_that_were_not_gone_on_with_name_both_ways_on():
    note = Note(action="deploy", run="r", step=(1, 3))
    (left,) = named(sighting(ledger=told(entry("v1"), entry("v2", at=1, percent=10, note=note))), "leftovers")
    assert "release promote staging" in left.remedy
    assert "release rollback staging" in left.remedy


def test_what_a_run_has_not_finished_yet_is_nothing_that_it_left():
    helm = (HelmRevision(number=2, status="pending-upgrade", began=BEGAN),)
    (check,) = named(sighting(helm=helm, turn=4711), "leftovers")
    assert check.health is Health.NOT_ASKED


def test_a_wrong_cluster_is_said_in_the_words_of_a_refusal():
    """Fault 22."""
    error = RefusedError(
        what="This is the wrong cluster: here, there; nothing was changed", where="stack s", remedy="Look."
    )
    (check,) = named(sighting(troubles={"cluster": error}), "cluster")
    assert (check.health, check.said) == (
        Health.WRONG,
        "This is the wrong cluster: here, there (stack s)",
    )
    assert check.remedy == "Look."


def test_a_stack_file_that_can_t_be_read_leaves_the_rest_unasked():
    seen = Sighting(stack="staging", troubles={"file": UnusableError("Pulumi.staging.yaml: no.\n  Do this.")})
    healths = {check.name: check.health for check in stack_checks.checks(seen)}
    assert healths.pop("stack file") is Health.WRONG
    assert set(healths.values()) == {Health.NOT_ASKED}
    assert named(seen, "stack file")[0].remedy == "Do this."
