import random

from hypothesis import given
from hypothesis import strategies as st

from release.past import account
from release.past.history import releases
from release.past.identity import Identity
from release.past.ledger import ledger
from release.past.message import Note
from tests.release.histories import back_from, entry, histories, told


def lines(*entries):
    return account.lines(told(*entries))


def test_each_update_is_told_with_what_ran_before_it():
    first, second = lines(entry("v1"), entry("v2", at=1))
    assert first.left is None
    assert (second.left.version, second.release.identity.version) == ("v1", "v2")


def test_a_failed_update_is_not_what_ran_before_the_next():
    *_, last = lines(entry("v1"), entry("v2", at=1, result="failed"), entry("v3", at=2))
    assert last.left.version == "v1"


def test_nothing_ran_before_what_came_after_a_destroy():
    *_, last = lines(entry("v1"), entry("v1", at=1, kind="destroy"), entry("v2", at=2))
    assert last.left is None


def test_a_rollback_comes_from_what_it_left_even_where_that_never_ran():
    *_, last = lines(entry("v1"), entry("v2", at=1, result="failed"), entry("v1", at=2, note=back_from("v2")))
    assert (last.what, last.left.version) == ("rollback", "v2")


def test_an_update_without_a_note_was_made_by_hand():
    (line,) = lines(entry("v1"))
    assert line.what == account.BY_HAND


def test_a_destroy_is_called_one():
    *_, line = lines(entry("v1"), entry("v1", at=1, kind="destroy"))
    assert line.what == "destroy"


def test_good_is_said_only_of_what_can_be_gone_back_to():
    told_of = lines(
        entry("v1"),
        entry("v2", at=1, percent=25),
        entry("v3", at=2),
        entry("v1", at=3, note=back_from("v3")),
        entry("v4", at=4, result="failed"),
    )
    assert [line.outcome for line in told_of] == ["good", "done", "done", "good", "failed"]


def test_an_update_that_has_not_ended_is_in_progress():
    (line,) = lines(entry("v1", result="in-progress"))
    assert line.outcome == "in progress"


def test_the_reason_of_a_rollback_is_why():
    *_, line = lines(entry("v2"), entry("v1", at=1, note=back_from("v2")))
    assert line.why == "gate failed"


def test_a_title_that_only_says_what_the_columns_say_is_left_out():
    update = entry("v2", percent=25) | {"message": "v2 on 25 %"}
    (line,) = lines(update)
    assert line.why == ""
    (line,) = lines(update | {"message": "the parallel import\n\nmore"})
    assert line.why == "the parallel import"


def test_the_json_names_the_run_and_its_step():
    (line,) = lines(entry("v1", note=Note(action="deploy", run="r1", step=(1, 3), by="ada")))
    assert {key: line.json[key] for key in ("what", "who", "run", "step", "share")} == {
        "what": "deploy",
        "who": "ada",
        "run": "r1",
        "step": "1/3",
        "share": "4 of 4 pods (100 %)",
    }


@given(histories(), st.randoms(use_true_random=False))
def test_the_lines_depend_on_neither_order_nor_repetition_of_the_entries(entries, chance: random.Random):
    """However many entries the backend gives at a time, and in whatever order the pages come."""
    shuffled = [*entries, *entries[: len(entries) // 2]]
    chance.shuffle(shuffled)
    assert account.lines(ledger(releases(shuffled))) == account.lines(ledger(releases(entries)))


@given(histories())
def test_good_lines_are_the_ledger_s(entries):
    book = ledger(releases(entries))
    good = [line.release for line in account.lines(book) if line.outcome == "good"]
    assert good == list(book.good)


@given(histories())
def test_the_newest_good_line_is_the_last_good_release(entries):
    book = ledger(releases(entries))
    good = [line.release.identity for line in account.lines(book) if line.good]
    last = book.last_good()
    assert (good[-1] if good else None) == (last.identity if last else None)
    assert not good or isinstance(good[-1], Identity)
