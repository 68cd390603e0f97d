"""Signals are noted while a run goes on, and what was there before is there again."""

import os
import signal

import pytest

from release.signals import STAND_DOWN, Signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, STAND_DOWN)


def handlers():
    return [signal.getsignal(number) for number in NUMBERS]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_for_the_run_to_be_taken_back(number):
    with Signals() as signals:
        os.kill(os.getpid(), number)
        signals.sleep(10)
        assert signals.said == f"cancelled by {number.name}"


def test_an_emergency_has_the_run_leave_the_stack_alone():
    with Signals() as signals:
        os.kill(os.getpid(), STAND_DOWN)
        signals.sleep(10)
        assert (signals.any, signals.cancelled, signals.stand_down) == (True, "", True)


def test_a_run_in_a_run_leaves_the_outer_one_its_signals():
    before, signals = handlers(), Signals()
    with signals:
        within = handlers()
        with signals:
            pass
        assert handlers() == within
    assert handlers() == before
