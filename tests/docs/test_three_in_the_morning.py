"""The page for whoever is on call names commands and buttons that there are."""

import re

import pytest
import typer

from release.cli import app
from tests.pipelines.workflows import ROOT, named

PAGE = (ROOT / "docs/how-to/three-in-the-morning.md").read_text()
COMMANDS = [found for found in re.findall(r"`release ([^`]+)`", PAGE) if " " in found or found == "status"]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_is_one_with_these_options(words):
    verb, *rest = words.split()
    known = typer.main.get_command(app).commands
    assert verb in known
    options = {name for option in known[verb].params for name in option.opts}
    assert {word for word in rest if word.startswith("-")} <= options


def test_there_are_commands_to_look_at():
    assert {words.split()[0] for words in COMMANDS} == {"history", "rollback", "status", "verify"}


def test_a_button_is_a_workflow_that_is_started_by_hand():
    for button in set(re.findall(r"button \*([a-z ]+)\*", PAGE)):
        workflow = named(f"{button.replace(' ', '-')}.yml")
        assert workflow.content["name"] == button
        assert "workflow_dispatch" in workflow.triggers
    fields = named("emergency-rollback.yml").triggers["workflow_dispatch"]["inputs"]
    assert {"version", "unlock"} <= fields.keys()
