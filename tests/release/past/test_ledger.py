import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.past import history, identity
from release.past.identity import Identity
from release.past.ledger import ledger
from release.past.message import Note
from sections.pin import Pin
from tests.release.histories import back_from, entry, histories, told
from tests.release.past.test_history import CLI

FAST = {"fast": True}


def one(version, flags=None):
    return identity.of(Pin.model_validate({"version": version, "flags": flags or {}}))


def test_an_empty_history_has_no_answers():
    empty = told()
    assert (empty.last_good(), empty.latest, empty.running, empty.targets(), empty.unfinished) == (
        (None,) * 3 + ((), None)
    )


def test_the_newest_that_ran_on_all_pods_is_the_last_good():
    assert told(entry("v1"), entry("v2", at=1)).last_good().pin.version == "v2"


def test_a_share_of_the_pods_proves_nothing_yet():
    assert told(entry("v1"), entry("v2", at=1, percent=50)).last_good().pin.version == "v1"


def test_a_failed_update_is_not_good_and_on_hold():
    after = told(entry("v1"), entry("v2", at=1, result="failed"))
    assert after.last_good().pin.version == "v1"
    assert after.hold(one("v2")).reason == "its update failed"
    assert after.running.pin.version == "v1"


def test_what_was_rolled_back_from_is_not_good_and_on_hold():
    after = told(entry("v1"), entry("v2", at=1), entry("v1", at=2, note=back_from("v2")))
    assert after.last_good(besides=one("v1")) is None
    assert after.hold(one("v2")).rolled_back
    assert after.hold(one("v2")).reason == "gate failed"


def test_a_failed_rollback_still_says_what_was_bad_and_blames_not_its_target():
    after = told(entry("v1"), entry("v2", at=1), entry("v1", at=2, result="failed", note=back_from("v2")))
    assert after.last_good().pin.version == "v1"
    assert after.hold(one("v2"))
    assert after.hold(one("v1")) is None


def test_going_back_by_hand_without_a_note_blames_nobody():
    after = told(entry("v1"), entry("v2", at=1), entry("v1", at=2))
    assert after.last_good().pin.version == "v1"
    assert after.last_good(besides=one("v1")).pin.version == "v2"
    assert after.hold(one("v2")) is None


def test_a_retry_that_succeeds_for_all_pods_is_good_again():
    retry = Note(action="deploy", retry=True)
    events = [entry("v1"), entry("v2", at=1), entry("v1", at=2, note=back_from("v2"))]
    partly = told(*events, entry("v2", at=3, percent=50, note=retry))
    assert partly.hold(one("v2"))
    whole = told(*events, entry("v2", at=3, note=retry))
    assert whole.hold(one("v2")) is None
    assert whole.last_good().pin.version == "v2"


def test_a_retry_proves_its_own_flags_and_no_others():
    """The note of the rollback named no flags, so it speaks of any."""
    retry = Note(action="deploy", retry=True)
    events = [entry("v2"), entry("v1", at=1, note=back_from("v2")), entry("v2", at=2, note=retry)]
    after = told(*events, entry("v2", at=3, flags=FAST))
    assert after.hold(one("v2")) is None
    assert after.hold(one("v2", FAST)).rolled_back
    assert after.last_good().identity == one("v2")


def test_a_retry_lifts_the_hold_of_the_same_image_under_another_tag():
    digest = "sha256:" + "a" * 64
    bad = identity.of(Pin(version="v2", digest=digest))
    after = told(
        entry("v2", digest=digest),
        entry("v1", at=1, note=Note(action="rollback", left=bad)),
        entry("v2-again", at=2, digest=digest, note=Note(action="deploy", retry=True)),
    )
    assert after.hold(bad) is None
    assert after.last_good().pin.version == "v2-again"


def test_what_was_rolled_back_from_does_not_become_good_by_an_update_by_hand():
    after = told(entry("v1"), entry("v2", at=1), entry("v1", at=2, note=back_from("v2")), entry("v2", at=3))
    assert after.running.pin.version == "v2"
    assert after.last_good().pin.version == "v1"


def test_what_failed_becomes_good_by_an_update_by_hand():
    """Nobody had to go back: the second try is the proof that the first one lacked."""
    after = told(entry("v1"), entry("v2", at=1, result="failed"), entry("v2", at=2))
    assert after.last_good().pin.version == "v2"
    assert after.hold(one("v2")) is None


def test_bad_flags_alone_are_on_hold():
    """Their image was good with other flags."""
    left = Note(action="rollback", left=one("v1", FAST))
    after = told(entry("v1"), entry("v1", at=1, flags=FAST), entry("v1", at=2, note=left))
    assert after.hold(one("v1", FAST))
    assert after.hold(one("v1")) is None
    assert after.hold(one("v1", {"other": 1})) is None
    assert after.last_good().identity == one("v1")


def test_a_phase_that_failed_is_on_hold_and_its_version_in_the_phase_before_is_not():
    before, after = (identity.of(Pin(version="v1", phase=name)) for name in ("a", "b"))
    found = told(entry("v1", phase="a"), entry("v1", at=1, phase="b", result="failed"))
    assert found.last_good(besides=after) is found.kept[0]
    assert found.hold(after)
    assert found.hold(before) is None


def test_an_image_that_was_never_good_is_on_hold_with_any_flags():
    after = told(entry("v1"), entry("v2", at=1, flags=FAST, result="failed"))
    assert after.hold(one("v2", {"other": 1}))


def test_an_image_is_known_by_its_digest_under_another_tag():
    digest = "sha256:" + "a" * 64
    after = told(entry("v1"), entry("v2", at=1, digest=digest, result="failed"))
    assert after.hold(Identity(version="v2-again", digest=digest))


def test_a_change_elsewhere_that_fails_holds_no_release():
    after = told(entry("v1"), entry("v1", at=1, result="failed"))
    assert after.hold(one("v1")) is None


def test_an_update_that_the_program_refused_holds_no_release():
    after = told(entry("v1"), entry("v2", at=1, result="failed", resources=1))
    assert after.hold(one("v2")) is None


def test_a_failed_step_holds_what_its_earlier_step_had_begun():
    after = told(entry("v1"), entry("v2", at=1, percent=10), entry("v2", at=2, percent=50, result="failed"))
    assert after.hold(one("v2"))
    assert after.running.pin.rollout == 10


def test_a_cancelled_run_is_neither_good_nor_on_hold():
    step = Note(action="deploy", run="r1")
    withdrawn = Note(action="withdraw", left=Identity(version="v2"), run="r1")
    for share, result in [(10, "failed"), (100, "failed"), (100, "succeeded")]:
        after = told(
            entry("v1"),
            entry("v2", at=1, percent=share, result=result, note=step),
            entry("v1", at=2, note=withdrawn),
        )
        assert after.hold(one("v2")) is None
        assert [r.pin.version for r in after.targets()] == ["v1"]


def test_after_a_destroy_nothing_runs_but_the_way_back_is_known():
    after = told(entry("v1"), entry("v1", at=1, kind="destroy"))
    assert after.running is None
    assert after.last_good().pin.version == "v1"


def test_a_rollback_takes_any_version_that_was_good_once():
    after = told(entry("v1"), entry("v2", at=1), entry("v3", at=2), entry("v4", at=3, result="failed"))
    assert [r.pin.version for r in after.targets()] == ["v3", "v2", "v1"]
    assert after.target("v1").pin.version == "v1"
    assert after.target("v4") is None


def test_a_rollback_to_a_version_brings_the_flags_it_last_was_good_with():
    after = told(entry("v1"), entry("v1", at=1, flags=FAST), entry("v2", at=2))
    assert after.target("v1").identity == one("v1", FAST)


def test_it_is_told_what_a_release_replaced():
    after = told(entry("v1"), entry("v2", at=1, percent=10), entry("v2", at=2))
    assert after.replaced(after.latest).pin.version == "v1"
    assert after.replaced(after.kept[0]) is None


@pytest.mark.parametrize(
    ("step", "result", "left"),
    [
        ((1, 3), "succeeded", True),
        ((3, 3), "succeeded", False),
        ((1, 3), "failed", False),
        (None, "succeeded", False),
    ],
)
def test_a_run_that_was_killed_between_its_steps_is_recognised(step, result, left):
    note = Note(action="deploy", step=step)
    after = told(entry("v1"), entry("v2", at=1, percent=10, result=result, note=note))
    assert (after.unfinished is not None) == left


def test_the_history_that_the_cli_wrote():
    """v2.0.0 failed four times by hand, then its author went back with a note."""
    after = ledger(history.read(CLI, stack="local"))
    assert after.last_good().pin.version == after.running.pin.version == "v1.0.0"
    flags = {"max_peers": 50, "parallel_import": {"value": True, "since": "v2.0.0"}}
    assert after.hold(one("v2.0.0", flags)).rolled_back
    assert [r.pin.version for r in after.targets()] == ["v1.0.0"]


@given(histories(), st.randoms())
def test_no_answer_depends_on_the_order_of_the_entries(entries, chance):
    shuffled = entries[:]
    chance.shuffle(shuffled)
    assert told(*shuffled) == told(*entries)


@given(histories())
def test_the_last_good_succeeded_for_all_pods(entries):
    good = told(*entries).last_good()
    assert good is None or (good.succeeded and good.pin.rollout == 100 and good.kind == "update")


@given(histories())
def test_what_was_rolled_back_from_is_never_good_until_a_retry_succeeded(entries):
    after = told(*entries)
    for good in after.good:
        position = after.kept.index(good)
        for when, update in enumerate(after.kept):
            note = update.note if update.kind == "update" else None
            if not note or note.action != "rollback" or not note.left or note.left.covers(update.identity):
                continue
            if note.left.covers(good.identity):
                proofs = after.kept[when + 1 : position + 1]
                assert any(
                    r.identity == good.identity and r.succeeded and r.whole and r.note and r.note.retry
                    for r in proofs
                )


@given(histories(), st.sampled_from(["v1", "v2", "v3"]))
def test_what_is_left_is_never_what_is_gone_back_to(entries, version):
    found = told(*entries).last_good(besides=one(version))
    assert found is None or found.identity != one(version)


@given(histories(), st.sampled_from(["v1", "v2", "v3"]))
def test_after_a_rollback_the_left_release_is_on_hold_and_no_target(entries, version):
    after = told(*entries, entry("v0", at=99, note=back_from(version)))
    assert after.hold(one(version)).rolled_back
    assert after.target(version) is None
    assert after.last_good().pin.version == "v0"


@given(histories(), st.sampled_from(["v1", "v2", "v3"]))
def test_a_failed_update_by_hand_takes_no_good_release_away(entries, version):
    assert told(*entries, entry(version, at=99, result="failed")).good == told(*entries).good


@given(histories())
def test_a_good_release_is_not_on_hold_unless_a_later_update_of_it_failed(entries):
    after = told(*entries)
    for good in after.good:
        hold = after.hold(good.identity)
        assert hold is None or (not hold.rolled_back and hold.since > good.began)
