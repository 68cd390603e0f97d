"""The words for `release`, and how a job that is cancelled lets it end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci import driver
from ci.driver import words
from ci.report import Refusal

# A `release` that takes its time, notes what it is told, and ends as it says.
RELEASE = """
import json, signal, sys, time
told = []
signal.signal(signal.SIGINT, lambda *_: told.append("SIGINT"))
print("started", *sys.argv[1:], file=sys.stderr, flush=True)
while not told and "quick" not in sys.argv:
    time.sleep(0.05)
time.sleep(0.5)
print("went back" if told else "done", file=sys.stderr, flush=True)
print(json.dumps({"outcome": "cancelled" if told else "done", "file_changed": "Pulumi.x.yaml"}))
sys.exit(130 if told else 0)
"""


@pytest.fixture
def steps(tmp_path):
    """Runs steps of a job with that `release` in the place of the real one."""
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "__init__.py").touch()
    (tmp_path / "release" / "__main__.py").write_text(RELEASE)
    (tmp_path / "out").write_text("")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}:{Path.cwd()}",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_OUTPUT": str(tmp_path / "out"),
        "STACK": "staging",
    }

    def begin(*argv, **more):
        return subprocess.Popen(
            [sys.executable, "-m", "ci.driver", *argv],
            cwd=tmp_path,
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return begin


def test_a_deployment_says_only_what_was_asked_for():
    assert words("deploy", {"STACK": "staging"}) == ["deploy", "staging", "--yes", "--json"]
    asked = {"STACK": "staging", "VERSION": "v2.0.0", "STEPS": "10,100", "RETRY": "true", "REASON": "why"}
    assert words("deploy", asked) == [
        *("deploy", "staging", "v2.0.0", "--steps", "10,100", "--retry", "--message=why", "--yes", "--json")
    ]


def test_a_rollback_names_its_target():
    asked = {"STACK": "staging", "VERSION": "v1.0.0", "EMERGENCY": "true", "RETRY": "false"}
    assert words("rollback", asked) == [
        *("rollback", "staging", "--to", "v1.0.0", "--emergency", "--yes", "--json")
    ]


def test_a_rehearsal_is_of_the_next_phase():
    asked = {"STACK": "staging", "REHEARSE": "true"}
    assert words("migrate", asked) == ["migrate", "staging", "--rehearse", "--yes", "--json"]


@pytest.mark.parametrize("reason", ["--yes", "$(id)", "`id`", "; rm -rf .", "${{ github.token }}", "a b"])
def test_what_somebody_writes_stays_one_word(reason):
    assert f"--message={reason}" in words("deploy", {"STACK": "staging", "REASON": reason})


def test_a_run_that_ends_is_followed_and_its_outcome_handed_on(steps, tmp_path):
    step = steps("start", "deploy", VERSION="quick")
    said, _ = step.communicate()
    assert (step.returncode, said) == (0, "started deploy staging quick --yes --json\ndone\n")
    steps("end").communicate()
    assert "Pulumi.x.yaml" in (tmp_path / "out").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_step_that_is_cancelled_ends_at_once_and_the_release_in_its_own_time(steps, number):
    step = steps("start", "deploy")
    assert step.stdout.readline().startswith("started")
    step.send_signal(number)
    said, _ = step.communicate()
    assert step.returncode == 130
    assert "went back" not in said
    ended, _ = (later := steps("end")).communicate()
    assert later.returncode == 0
    assert "outcome: cancelled" in ended
    assert "went back" in ended


def test_a_step_that_is_killed_takes_no_release_with_it(steps):
    step = steps("start", "deploy", VERSION="quick")
    assert step.stdout.readline().startswith("started")
    step.kill()
    step.communicate()
    ended, _ = steps("end").communicate()
    assert "outcome: done" in ended


def test_a_release_that_was_refused_has_its_reason_on_the_page(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "log").write_text("error: no such tag\nRemedy: another\n")
    (folder / "result.json").write_text("")
    (folder / "code").write_text("3")
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page"))
    driver.end()
    assert "no such tag" in (tmp_path / "page").read_text()
    assert "code: 3" in capsys.readouterr().out


def test_what_was_never_started_has_changed_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("STACK", "staging")
    with pytest.raises(Refusal, match="was not started, so nothing was changed"):
        driver.end()


def test_a_release_that_does_not_end_is_said_to_be_unknown(tmp_path, monkeypatch):
    (tmp_path / "release").mkdir()
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("STACK", "staging")
    monkeypatch.setattr(driver, "ENDS_WITHIN_SECONDS", 0)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(Refusal, match="release rollback staging --emergency"):
        driver.end()


def test_a_result_that_is_whole_is_read(tmp_path):
    (tmp_path / "result.json").write_text(json.dumps({"outcome": "done"}))
    assert driver._result(tmp_path) == {"outcome": "done"}
