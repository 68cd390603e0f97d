"""Whether the engine found a difference, or could not look: it ends with the same code for both."""

import subprocess

import pytest

from ci import engine
from ci.report import Refusal


@pytest.fixture
def pulumi(monkeypatch):
    """An engine that says this, and ends so."""

    def _pulumi(code, out="", err=""):
        done = subprocess.CompletedProcess([], code, out, err)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        return engine.refresh("staging")

    return _pulumi


@pytest.mark.parametrize("words", ["for refresh but changes were proposed", "but changes occurred"])
def test_a_difference_that_nobody_expected_is_no_failure(pulumi, words):
    seen = pulumi(255, "Resources:\n    ~ 1 to update\n", f"error: no changes were expected {words}\n")
    assert (seen.failed, seen.changes) == ("", True)


def test_anything_else_is_one(pulumi):
    seen = pulumi(255, "", "error: secrets is forbidden\n")
    assert seen.failed == "error: secrets is forbidden"


def test_a_healthy_stack_has_neither(pulumi):
    seen = pulumi(0, "Resources:\n    6 unchanged\n")
    assert (seen.failed, seen.changes) == ("", False)


def test_an_engine_that_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refusal, match="no pulumi on PATH"):
        engine.preview("staging")
