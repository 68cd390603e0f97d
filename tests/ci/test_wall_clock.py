import pytest

from ci import wall_clock
from ci.report import Refusal


def test_one_bad_pair_is_no_failure():
    assert "no benchmark of 1" in wall_clock.judge({"parse": [1.0] * 30 + [9.0] * 10}, 1.1)


def test_half_of_the_pairs_is_no_proof_either():
    assert "no benchmark of 1" in wall_clock.judge({"parse": [1.0] * 20 + [2.0] * 20}, 1.1)


def test_what_is_slower_beyond_doubt_is_refused_with_its_bound():
    with pytest.raises(Refusal, match=r"by the clock: parse at least 112\.0%$"):
        wall_clock.judge({"parse": [1.12] * 36 + [1.0] * 4, "digest": [1.0] * 40}, 1.1)


def test_too_few_pairs_are_refused_with_how_many_it_takes():
    with pytest.raises(Refusal, match="5 pairs say nothing about parse: run at least 7"):
        wall_clock.judge({"parse": [2.0] * 5}, 1.1)


def test_more_benchmarks_need_more_proof():
    """Else thirty of them would fail a run that changed nothing every third time."""
    ratios = [1.0] * 12 + [1.2] * 28
    with pytest.raises(Refusal):
        wall_clock.judge({"parse": ratios}, 1.1)
    assert wall_clock.judge({str(number): ratios for number in range(30)}, 1.1)


def test_nothing_in_common_is_refused():
    with pytest.raises(Refusal, match="no benchmark in common"):
        wall_clock.judge({}, 1.1)
