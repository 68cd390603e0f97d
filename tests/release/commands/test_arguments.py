"""Fault 23: what can't be meant is refused before any process starts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.commands import arguments
from release.errors import UsageError
from sections.values import TAG_GRAMMAR

HOSTILE = [
    "",
    "$(id)",
    ";rm -rf /",
    "../../x",
    "v1\n",
    "v1\x00",
    "-h",
    "--help",
    "{{ .Values }}",
    "a: b",
    "x" * 10_000,
    " v1",
    "v1@sha256:0",
    "ｖ１",  # noqa: RUF001  full-width letters and digits
]
STACKS = ["local", "production", "staging"]


@pytest.mark.parametrize("text", [*HOSTILE, "latest", "LATEST"])
def test_a_version_that_is_no_fixed_tag_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"release deploy staging v1\.2\.3"):
        arguments.version(text)


@pytest.mark.parametrize("text", [*HOSTILE, "prod uction", "Staging", "unknown"])
def test_a_stack_that_is_none_is_refused_and_the_stacks_are_named(text):
    with pytest.raises(UsageError, match="local, production, staging"):
        arguments.stack(text, known=STACKS)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_of_a_file_that_lies_about_is_still_no_stack(text):
    with pytest.raises(UsageError):
        arguments.stack(text, known=[text])


def test_a_misspelt_stack_is_answered_with_the_near_one():
    with pytest.raises(UsageError, match=r"Did you mean staging\?"):
        arguments.stack("stagin", known=STACKS)


def test_a_known_stack_is_understood():
    assert arguments.stack("staging", known=STACKS) == "staging"


@given(st.text())
def test_a_version_passes_only_if_the_tag_grammar_has_it(text):
    try:
        passed = arguments.version(text) == text
    except UsageError:
        passed = False
    assert passed == bool(re.fullmatch(TAG_GRAMMAR, text, re.ASCII) and text.lower() != "latest")


@given(st.from_regex(TAG_GRAMMAR, fullmatch=True).filter(lambda tag: tag.lower() != "latest"))
def test_every_tag_is_a_version(tag):
    assert arguments.version(tag) == tag


def test_steps_are_percents_that_rise():
    assert arguments.steps("10,50,100") == (10, 50, 100)


@pytest.mark.parametrize(
    "text", ["", "0,100", "50,10", "10,10", "101", "10%", "-1", "1e1", "10,,50", "NaN", "10, 50", "1," * 5000]
)
def test_other_steps_are_refused_with_an_example(text):
    with pytest.raises(UsageError, match="--steps 10,50,100"):
        arguments.steps(text)


@pytest.mark.parametrize(("text", "length"), [("0", 0), ("90", 90), ("90s", 90), ("5m", 300), ("7d", 604800)])
def test_a_length_of_time_is_told_in_seconds(text, length):
    assert arguments.seconds(text) == length


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 m", "5min", "8d", "1.5h", "inf", "9" * 5000])
def test_another_length_of_time_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="--timeout 5m"):
        arguments.seconds(text, option="--timeout")
