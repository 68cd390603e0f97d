"""Where a stack is; what the CLI does with it is in tests/engine/."""

import json
from pathlib import Path

import pytest

from release.outside.stack import Stack

LOGIN = {"current": "s3://state?region=eu-west-1", "accessTokens": {"https://api.pulumi.com": "token"}}


def backend(**environment):
    return Stack(name="local", folder=Path(), environment=environment).backend


@pytest.mark.parametrize("variable", ["PULUMI_HOME", "PULUMI_CREDENTIALS_PATH"])
def test_without_a_word_the_backend_is_the_one_that_the_cli_is_logged_in_to(tmp_path, variable):
    (tmp_path / "credentials.json").write_text(json.dumps(LOGIN))
    assert backend(**{variable: str(tmp_path)}) == "s3://state?region=eu-west-1"


def test_what_the_cli_is_told_comes_before_its_login(tmp_path):
    (tmp_path / "credentials.json").write_text(json.dumps(LOGIN))
    assert backend(PULUMI_HOME=str(tmp_path), PULUMI_BACKEND_URL="file:///state") == "file:///state"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"current": null}'])
def test_a_login_that_says_nothing_is_none(tmp_path, content):
    (tmp_path / "credentials.json").write_text(content)
    assert backend(PULUMI_HOME=str(tmp_path)) == ""


def test_who_never_logged_in_has_no_backend(tmp_path):
    assert backend(PULUMI_HOME=str(tmp_path)) == ""
