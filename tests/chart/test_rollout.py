"""Percent becomes a partition: the share is rounded up, and the highest ordinals come first."""

from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chart.cases import LOCAL, PARTIAL
from tests.chart.rendering import Chart, Manifest, only


def rollout(replicas: int, percent: int) -> dict[str, Any]:
    return {**LOCAL, "replicas": replicas, "rollout": {"percent": percent}}


def updated(manifests: list[Manifest]) -> int:
    """How many pods get the new revision."""
    spec = only(manifests, "StatefulSet")["spec"]
    return spec["replicas"] - spec["updateStrategy"]["rollingUpdate"]["partition"]


@pytest.mark.parametrize(
    ("replicas", "percent", "pods"),
    [(4, 0, 0), (4, 1, 1), (4, 25, 1), (4, 26, 2), (4, 100, 4), (3, 10, 1), (3, 67, 3), (7, 58, 5)],
)
def test_a_percent_of_the_replicas_is_this_many_pods(
    chart: Chart, replicas: int, percent: int, pods: int
) -> None:
    assert updated(chart.render(rollout(replicas, percent))) == pods


@settings(max_examples=12, deadline=None)
@given(replicas=st.integers(1, 1000), percent=st.integers(0, 100))
def test_any_percent_is_rounded_up(chart: Chart, replicas: int, percent: int) -> None:
    assert updated(chart.render(rollout(replicas, percent))) == ceil(Fraction(replicas * percent, 100))


def test_only_the_partition_differs_between_two_steps_of_one_version(chart: Chart) -> None:
    """A further step must not roll the pods that have the version already."""
    quarter, whole = (only(chart.render(values), "StatefulSet")["spec"] for values in (PARTIAL, LOCAL))
    assert quarter["updateStrategy"].pop("rollingUpdate") != whole["updateStrategy"].pop("rollingUpdate")
    assert quarter == whole
