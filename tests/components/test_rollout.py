"""Percent to pods (fault 24)."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rollout import share


@given(st.integers(1, 500), st.integers(0, 100))
def test_the_share_is_the_percent_rounded_up_to_whole_pods(replicas, percent):
    assert share(replicas, percent).pods == math.ceil(Fraction(replicas * percent, 100))


@given(st.integers(1, 500), st.integers(0, 99))
def test_a_higher_percent_never_means_fewer_pods(replicas, percent):
    assert share(replicas, percent).pods <= share(replicas, percent + 1).pods


@pytest.mark.parametrize(
    ("replicas", "percent", "said"),
    [
        (3, 10, "1 of 3 pods (33 %)"),
        (4, 0, "0 of 4 pods (0 %)"),
        (4, 25, "1 of 4 pods (25 %)"),
        (4, 100, "4 of 4 pods (100 %)"),
    ],
)
def test_the_true_share_is_said(replicas, percent, said):
    assert str(share(replicas, percent)) == said
