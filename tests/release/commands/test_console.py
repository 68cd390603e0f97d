"""The command line's own words: completion, help, and messages without a traceback."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.models import ArgumentInfo
from typer.testing import CliRunner

from release.cli import app
from release.commands import console
from release.outcome import Outcome

RELEASE = Path(sys.executable).parent / "release"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: alys\n")
    for stack in ("staging", "standby", "canary"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    return tmp_path


def completed(folder, line):
    """What bash is told when somebody presses TAB at the end of a line."""
    asked = {
        "_RELEASE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [RELEASE], capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, **asked}
    )
    return done.stdout.split()


def run(*words):
    """The command line in this process, where no other can be found."""
    return CliRunner().invoke(app, words, env={"PATH": "/nowhere"})


def test_the_name_of_a_stack_is_completed(project):
    assert completed(project, "release deploy sta") == ["staging", "standby"]
    assert completed(project, "release deploy stag") == ["staging"]
    assert completed(project, "release status staging can") == ["canary"]


def test_verbs_and_options_are_completed(project):
    assert completed(project, "release st") == ["status"]
    assert completed(project, "release history staging --lim") == ["--limit"]


def test_outside_of_a_project_nothing_is_completed_and_nothing_breaks(tmp_path):
    assert completed(tmp_path, "release deploy sta") == []


@pytest.mark.parametrize("command", app.registered_commands, ids=lambda one: one.callback.__name__)
def test_every_verb_completes_the_names_of_stacks_says_what_it_does_and_prints_json(command):
    done = run(command.callback.__name__, "--help")
    assert done.exit_code == 0
    assert "--json" in done.output
    names = {"stack", "stacks"} & inspect.signature(command.callback).parameters.keys()
    (name,) = names
    (word,) = [
        one
        for one in inspect.signature(command.callback).parameters[name].annotation.__metadata__
        if isinstance(one, ArgumentInfo)
    ]
    assert word.autocompletion is console.stacks


@pytest.mark.parametrize("word", ["$(id)", "../../x", "stag\ning", "--x", "a" * 10_000])
@pytest.mark.parametrize("verb", ["status", "history", "doctor"])
def test_a_word_that_is_no_stack_is_refused_before_any_process_starts(project, monkeypatch, verb, word):
    """Fault 23."""
    monkeypatch.chdir(project)
    done = run(verb, word)
    assert done.exit_code == Outcome.USAGE.exit_code, done.output


@pytest.mark.parametrize("version", ["latest", "$(id)", "a: b", "{{ }}", ""])
def test_a_version_that_is_none_is_refused_before_it_is_planned(project, monkeypatch, version):
    """Fault 23."""
    monkeypatch.chdir(project)
    done = run("plan", "staging", version)
    assert done.exit_code == Outcome.USAGE.exit_code
    assert "argument VERSION" in done.output
