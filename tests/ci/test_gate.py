import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci import gate

RATIOS = st.lists(st.floats(0.1, 10), min_size=1, max_size=60)
CHANCE = st.floats(1e-6, 0.2)


@given(RATIOS, CHANCE)
def test_the_bound_is_one_of_the_ratios_and_not_over_the_median(ratios, chance):
    bound = gate.lower_bound(ratios, chance)
    assert bound is None or (bound in ratios and bound <= gate.median(ratios))


@given(RATIOS, CHANCE, CHANCE)
def test_who_wants_to_be_surer_gets_a_lower_bound(ratios, one, other):
    sure, surer = (gate.lower_bound(ratios, chance) for chance in (max(one, other), min(one, other)))
    assert surer is None or surer <= sure


@given(st.lists(st.floats(0.1, 1.1), min_size=1, max_size=60), CHANCE)
def test_what_was_never_slower_is_never_called_so(ratios, chance):
    bound = gate.lower_bound(ratios, chance)
    assert bound is None or bound <= 1.1


@given(RATIOS, CHANCE, st.randoms())
def test_the_order_of_the_pairs_says_nothing(ratios, chance, order):
    shuffled = list(ratios)
    order.shuffle(shuffled)
    assert gate.lower_bound(shuffled, chance) == gate.lower_bound(ratios, chance)


@given(CHANCE)
def test_there_is_a_bound_from_the_number_of_pairs_on_that_is_said(chance):
    needed = gate.pairs_needed(chance)
    assert gate.lower_bound([1.0] * needed, chance) is not None
    assert gate.lower_bound([1.0] * (needed - 1), chance) is None


def test_false_alarms_are_as_rare_as_promised():
    """40 pairs of a noisy machine with a median of exactly the limit: one in a hundred at most."""
    noise = random.Random(7)  # noqa: S311
    alarms = sum(
        gate.lower_bound([1.1 * math.exp(noise.gauss(0, 0.08)) for _ in range(40)], 0.01) > 1.1
        for _ in range(2000)
    )
    assert 0 < alarms <= 20


def test_twelve_percent_are_seen_through_the_noise():
    noise = random.Random(7)  # noqa: S311
    ratios = [1.12 * math.exp(noise.gauss(0, 0.01)) for _ in range(40)]
    assert gate.lower_bound(ratios, 0.01) > 1.1


def test_a_ratio_of_exactly_the_limit_passes():
    at, over = gate.Change("at", 100, 110), gate.Change("over", 100, 111)
    assert gate.beyond([at, over], 1.1) == [over]


def test_the_worst_comes_first():
    changes = [gate.Change("bad", 100, 120), gate.Change("worse", 100, 300)]
    assert [one.name for one in gate.beyond(changes, 1.1)] == ["worse", "bad"]


def test_new_and_gone_benchmarks_are_told_apart():
    assert gate.compared({"a": 1, "gone": 1}, {"a": 2, "new": 1}) == (
        [gate.Change("a", 1, 2)],
        ["new"],
        ["gone"],
    )


@pytest.mark.parametrize(("values", "middle"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5)])
def test_the_median(values, middle):
    assert gate.median(values) == middle
