import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release import gates
from release.gates import Finding, QueryFailure, Scope, Verdict
from release.gates_file import Gate

SCOPE = Scope(namespace="alys", version="v1.0.0")
ERRORS = Gate(
    says="Errors", series="errors_total", query="sum(rate($series[$window]))", max=0.01, window_seconds=300
)
PACE = Gate(says="Pace", series="pace", query="min($series)", min=100)
FAILURE = QueryFailure(reason="Prometheus is away")


def judged(gate=ERRORS, *, value=(0.0,), samples=(1000.0,), age=(1.0,)):
    """What a gate finds when Prometheus gives these answers."""

    def ask(query):
        if "count_over_time" in query:
            return samples
        return age if "timestamp" in query else value

    (finding,) = gates.check({"gate": gate}, SCOPE, ask=ask)
    return finding


def test_a_figure_within_its_bounds_passes():
    assert judged(value=(0.01,)).verdict is Verdict.PASS
    assert judged(PACE, value=(100.0,)).verdict is Verdict.PASS


def test_a_figure_above_its_bound_fails_and_both_numbers_are_told():
    finding = judged(value=(0.2,))
    assert (finding.verdict, finding.reason, finding.value) == (Verdict.FAIL, "0.2 is above 0.01", 0.2)


def test_a_figure_below_its_bound_fails():
    assert judged(PACE, value=(99.0,)).reason == "99 is below 100"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("gate", [ERRORS, PACE])
def test_what_is_no_number_fails(gate, value):
    """Fault 10: NaN compares with nothing, so a careless gate would let it pass."""
    assert judged(gate, value=(value,)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "answers",
    [
        {"value": ()},
        {"samples": ()},
        {"samples": (9.0,)},
        {"samples": (math.nan,)},
        {"age": ()},
        {"age": (61.0,)},
        {"age": (math.nan,)},
    ],
)
def test_nothing_few_and_stale_samples_are_no_data(answers):
    """Fault 9."""
    assert judged(**answers).verdict is Verdict.NO_DATA


@pytest.mark.parametrize("asked", ["value", "samples", "age"])
def test_two_series_are_an_error_and_not_the_last_one(asked):
    finding = judged(**{asked: (0.0, 1000.0)})
    assert finding.verdict is Verdict.ERROR
    assert finding.reason.startswith("2 series")


@pytest.mark.parametrize("asked", ["value", "samples", "age"])
def test_a_query_that_failed_is_an_error(asked):
    """Faults 8 and 11."""
    finding = judged(**{asked: FAILURE})
    assert (finding.verdict, finding.reason) == (Verdict.ERROR, "Prometheus is away")


answers = st.lists(st.floats(), max_size=3).map(tuple) | st.just(FAILURE)


@given(value=answers, samples=answers, age=answers)
def test_only_one_fresh_finite_figure_within_bounds_with_enough_samples_passes(value, samples, age):
    passed = judged(value=value, samples=samples, age=age).verdict is Verdict.PASS
    singles = all(isinstance(answer, tuple) and len(answer) == 1 for answer in (value, samples, age))
    assert passed == (
        singles
        and samples[0] >= ERRORS.min_samples
        and age[0] <= ERRORS.fresh_seconds
        and math.isfinite(value[0])
        and value[0] <= ERRORS.max
    )


def test_the_query_is_filled_in_with_the_version_the_namespace_and_the_window():
    assert judged().query == 'sum(rate(errors_total{namespace="alys",version="v1.0.0"}[300s]))'


def test_a_short_soak_looks_at_a_short_window():
    asked = []
    scope = Scope(namespace="alys", version="v1", window_seconds=20)
    gates.check({"gate": ERRORS}, scope, ask=lambda query: asked.append(query) or (1000.0,))
    assert 'sum(count_over_time(errors_total{namespace="alys",version="v1"}[20s]))' in asked


@given(st.text(st.characters(codec="utf-8")))
def test_no_name_can_end_the_text_that_it_stands_in(text):
    """Every quote and every backslash inside is escaped, so that nobody writes queries through a name."""
    inside = gates.quoted(text)[1:-1]
    unescaped = inside.replace("\\\\", "").replace('\\"', "")
    assert '"' not in unescaped
    assert "\n" not in inside
    assert not unescaped.endswith("\\")


def test_a_name_is_not_filled_in_again():
    hostile = Scope(namespace="$series", version="$window")
    (finding,) = gates.check({"gate": PACE}, hostile, ask=lambda _: (1000.0,))
    assert finding.query == 'min(pace{namespace="$series",version="$window"})'


def found(verdict):
    return Finding(gate="g", verdict=verdict, reason="r", query="q", value=None)


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([Verdict.PASS, Verdict.PASS], Verdict.PASS),
        ([Verdict.PASS, Verdict.NO_DATA], Verdict.NO_DATA),
        ([Verdict.NO_DATA, Verdict.ERROR], Verdict.ERROR),
        ([Verdict.FAIL, Verdict.ERROR, Verdict.PASS], Verdict.FAIL),
    ],
)
def test_the_worst_verdict_counts(verdicts, worst):
    assert gates.overall(map(found, verdicts)) is worst


def test_no_gates_are_no_data():
    assert gates.overall([]) is Verdict.NO_DATA


def test_a_finding_reads_as_a_line():
    assert str(judged(value=(0.2,))) == "gate: fail: 0.2 is above 0.01"
