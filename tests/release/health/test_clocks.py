from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.health import clocks
from release.health.checkup import Health

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
seconds = st.floats(0, 10).map(lambda number: timedelta(seconds=number))


@given(st.floats(-100, 100), seconds, seconds)
def test_a_clock_is_never_said_to_be_further_off_than_it_is(off, before, after):
    """Whatever the answer's way took, and whatever part of a second its Date leaves out."""
    theirs = NOW + timedelta(seconds=off)
    found = clocks.offset(theirs.replace(microsecond=0), NOW - before, NOW + after)
    assert abs(found.total_seconds()) <= abs(off) + 1e-5
    assert found.total_seconds() * off >= 0


def test_what_the_way_and_the_cut_second_explain_is_no_difference():
    assert clocks.offset(NOW, NOW - timedelta(milliseconds=10), NOW + timedelta(seconds=1)) == timedelta()


@pytest.mark.parametrize(
    ("off", "health", "said"),
    [
        (0, Health.OK, "agrees with this machine's"),
        (4, Health.OK, "4 s ahead of this machine's"),
        (-5, Health.OK, "5 s behind this machine's"),
        (6, Health.WRONG, "6 s ahead of this machine's"),
        (-90, Health.WRONG, "90 s behind this machine's"),
    ],
)
def test_more_than_five_seconds_are_wrong(off, health, said):
    found = clocks.judged("cluster's clock", timedelta(seconds=off))
    assert (found.health, found.said) == (health, said)


def test_a_clock_of_an_hour_ago_is_wrong():
    old = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    assert clocks.check("registry's clock", lambda: old).health is Health.WRONG


@pytest.mark.parametrize("said", [None, "", "yesterday"])
def test_an_answer_without_a_date_says_nothing(said):
    assert clocks.check("registry's clock", lambda: said).health is Health.NOT_ASKED
