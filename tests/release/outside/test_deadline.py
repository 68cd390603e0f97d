import threading

import pytest

from release.outside.deadline import within


def test_an_answer_in_time_is_given_back():
    assert within(60, lambda: 7) == 7


def test_what_the_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0)


def test_a_call_that_does_not_end_is_given_up():
    """It hangs until the test has seen the limit at work."""
    over = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        within(0.01, over.wait)
    over.set()
