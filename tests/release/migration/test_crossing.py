"""What a change of phase is, a run that was killed on its way, and going back from one."""

import pytest

from release.errors import RefusedError
from release.migration.crossing import crossing, following, last_took, refuse_silent, return_to
from release.past.history import releases
from release.past.identity import Identity
from release.past.message import Note
from sections.pin import Pin
from tests.release.histories import entry, told
from tests.release.migrating import FLAGS, OURS, VERSION, pin

NO_RETURN = "lighthouse-migration"


def release(phase, **keys):
    return entry(VERSION, phase=phase, flags=FLAGS, **keys)


def crossed(ledger, held, phase):
    return crossing(OURS, ledger, held, phase, stack="local")


def test_the_plan_says_what_changes_and_whether_it_can_be_undone():
    found = crossed(told(release("sync-improvement")), pin("sync-improvement"), NO_RETURN)
    assert found.lines == (
        "phase: sync-improvement -> lighthouse-migration",
        "data: from format 2 to 3, backed up first, and the migration rehearsed on the copy",
        "undone by the backup that comes first, until it is passed; what came since is lost",
        "once passed: nobody goes back any more",
        "the last change of phase took: there was none yet",
    )
    assert found.restore


def test_a_phase_that_only_changes_flags_leaves_the_data():
    found = crossed(told(release(None)), pin(None), "foundation")
    assert "data: stays in format 1" in found.lines
    assert not found.restore


def test_the_plan_says_what_the_last_change_of_phase_took():
    note = Note(action="migrate", run="run-1")
    steps = [release("foundation", at=1, percent=50, note=note), release("foundation", at=3, note=note)]
    assert last_took(releases([release(None), *steps])) == 128.0
    assert last_took(releases([release(None), steps[0]])) is None, "it never got to its end"


def test_a_killed_run_is_taken_up_from_the_release_before_it():
    ledger = told(release("sync-improvement"), release(NO_RETURN, percent=50, at=1))
    found = crossed(ledger, pin(NO_RETURN, rollout=50), NO_RETURN)
    assert (found.before.phase, found.wanted.rollout, found.restore) == ("sync-improvement", 100, True)


@pytest.mark.parametrize(
    ("entries", "held", "phase", "says"),
    [
        ([release("foundation")], pin("foundation"), "foundation", "local is in phase foundation already"),
        ([], pin(None), "foundation", "Nothing good runs"),
        (
            [release(None), entry("v2.9.1", flags=FLAGS, percent=50, at=1)],
            pin(None),
            "foundation",
            "v2.9.1 runs on a part of the pods",
        ),
        (
            [release(None)],
            Pin(version="v2.9.1", flags=FLAGS),
            "foundation",
            r"pins v2.9.1, and v2.9.0 runs: one thing at a time(.|\n)*release deploy local v2.9.1",
        ),
        ([release(None)], pin(None), "actor-core", "it would jump over foundation"),
        ([release(NO_RETURN)], pin(NO_RETURN), "sync-improvement", "point of no return"),
    ],
)
def test_what_may_not_be_is_refused_with_the_reason(entries, held, phase, says):
    with pytest.raises(RefusedError, match=says):
        crossed(told(*entries), held, phase)


def test_a_release_does_not_change_the_phase_by_the_way():
    ledger = told(release("foundation"))
    refuse_silent(ledger, pin("foundation"), stack="local")
    with pytest.raises(
        RefusedError, match=r"release migrate local actor-core(.|\n)*config set -s local phase foun"
    ):
        refuse_silent(ledger, pin("actor-core"), stack="local")


def test_a_first_release_may_be_of_any_phase():
    refuse_silent(told(), pin("complete"), stack="local")


def test_going_back_within_a_phase_needs_nothing():
    ledger = told(release("foundation"), entry("v2.9.1", phase="foundation", flags=FLAGS, at=1))
    assert not return_to(OURS, ledger, ledger.good[0])


def test_going_back_to_a_version_that_does_not_know_the_phase_is_refused():
    old = entry("v1.0.0", phase="foundation", flags=FLAGS)
    ledger = told(old, release("actor-core", at=1))
    assert not return_to(OURS, ledger, ledger.good[0]), "with the phase that it knew"
    ledger = told(entry("v1.0.0", phase="actor-core", flags=FLAGS), release("actor-core", at=1))
    with pytest.raises(RefusedError, match=r"needs v2.0.0 or newer, and the pin is v1.0.0"):
        return_to(OURS, ledger, ledger.good[0])


def test_a_reversible_phase_is_left_without_a_backup():
    ledger = told(release("actor-core"), release("sync-improvement", at=1))
    assert not return_to(OURS, ledger, ledger.good[0])


def test_past_a_point_of_no_return_the_remedy_is_a_restore():
    ledger = told(release("sync-improvement"), release(NO_RETURN, at=1))
    with pytest.raises(RefusedError, match=r"point of no return(.|\n)*release restore STACK BACKUP"):
        return_to(OURS, ledger, ledger.good[0])


@pytest.mark.parametrize(("result", "percent"), [("succeeded", 50), ("failed", 50), ("failed", 100)])
def test_a_point_of_no_return_that_was_not_passed_is_undone_by_its_backup(result, percent):
    ledger = told(release("sync-improvement"), release(NO_RETURN, at=1, result=result, percent=percent))
    assert return_to(OURS, ledger, ledger.good[0])


def test_nobody_goes_back_into_a_later_phase():
    left = Note(action="rollback", left=Identity(version="v9"))
    ledger = told(release("foundation"), release("actor-core", at=1), release("foundation", at=2, note=left))
    with pytest.raises(RefusedError, match="release migrate STACK actor-core"):
        return_to(OURS, ledger, ledger.good[1])


def test_the_next_phase_is_rehearsed_where_none_is_named():
    assert following(OURS, told(release(None)), stack="local") == "foundation"
    assert following(OURS, told(release("foundation")), stack="local") == "actor-core"
    with pytest.raises(RefusedError, match="local is in the last phase, complete"):
        following(OURS, told(release("complete")), stack="local")
