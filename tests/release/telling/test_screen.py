"""Lines that people see."""

import io

import pytest

from release.telling.redaction import Redactor
from release.telling.screen import Screen


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def screen(stream):
    return Screen(stream=stream, redactor=Redactor())


def test_a_line_says_when(screen, stream):
    screen.say("v1 runs")
    assert stream.getvalue().endswith("v1 runs\n")
    assert stream.getvalue()[2:6:3] == "::"


def test_what_is_not_the_stack_itself_says_what_it_is(screen, stream):
    copy = screen.of("the copy")
    copy.say("v1 runs")
    copy.begin("step 1 of 1")
    screen.say("v1 runs")
    said = [line.partition(" ")[2] for line in stream.getvalue().splitlines()]
    assert said == ["the copy: v1 runs", "the copy: step 1 of 1", "v1 runs"]
