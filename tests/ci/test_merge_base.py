import pytest

from ci import merge_base
from ci.report import Refusal

ONE, OTHER = "1" * 40, "2" * 40


@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
def test_a_pull_request_is_compared_with_the_branch_that_it_goes_to(event):
    assert merge_base.base(event, {"BASE_SHA": ONE, "BEFORE_SHA": OTHER}) == ONE


def test_a_push_is_compared_with_what_was_there_before():
    assert merge_base.base("push", {"BASE_SHA": "", "BEFORE_SHA": OTHER}) == OTHER


@pytest.mark.parametrize("value", ["", "0" * 40])
def test_a_new_branch_has_nothing_to_compare_with(value):
    with pytest.raises(Refusal, match="push has no BEFORE_SHA"):
        merge_base.base("push", {"BEFORE_SHA": value})


def test_a_word_that_is_no_commit_is_refused():
    with pytest.raises(Refusal, match="and no commit"):
        merge_base.base("push", {"BEFORE_SHA": "--upload-pack=evil"})
