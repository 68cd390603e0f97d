"""What `release` could not say itself reaches the channels, where it can."""

import sys
import time

import pytest

from ci import alarm, driver
from ci.report import Refusal

# Apprise's own mail plugin imports it, with every other plugin, at the first address.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def job(tmp_path, monkeypatch, repository):
    """A job of staging with a channel, in which `release` has left nothing yet."""
    given = {
        "ALYS_NOTIFY": f"json://{repository.url.removeprefix('http://')}/",
        "GITHUB_REPOSITORY": "alys/alys-release",
        "GITHUB_RUN_ID": "17",
        "RUNNER_TEMP": str(tmp_path),
        "STACK": "staging",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_people_are_told_that_a_release_never_began(job, repository):
    """A role that could not be taken on, tools that did not come: `release` was not there to say so."""
    with pytest.raises(Refusal, match="was not started"):
        driver.end()
    (message,) = repository.messages
    assert message["title"] == "staging: release was not started, so nothing was changed"
    assert "https://github.com/alys/alys-release/actions/runs/17" in message["message"]
    assert message["type"] == "failure"


def test_people_are_told_that_a_release_did_not_end(job, repository, monkeypatch):
    (job / "release").mkdir()
    monkeypatch.setattr(driver, "ENDS_WITHIN_SECONDS", 0)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(Refusal, match="has not ended"):
        driver.end()
    (message,) = repository.messages
    assert "what runs is not known" in message["title"]
    assert "release rollback staging --emergency" in message["message"]


def test_a_release_that_ended_has_told_them_itself(job, repository):
    (job / "release").mkdir()
    for name, text in {"log": "", "result.json": "", "code": "3"}.items():
        (job / "release" / name).write_text(text)
    driver.end()
    assert repository.messages == []


@pytest.mark.parametrize(
    ("address", "said"),
    [("nonsense://token", "is none that apprise knows"), ("json://127.0.0.1:1/", "did not")],
)
def test_a_channel_that_takes_nothing_changes_no_answer(job, monkeypatch, capsys, address, said):
    monkeypatch.setenv("ALYS_NOTIFY", address)
    with pytest.raises(Refusal, match="was not started"):
        driver.end()
    warned = capsys.readouterr().out
    assert "::warning::" in warned
    assert said in warned
    assert "token" not in warned


def test_where_nothing_could_be_installed_it_is_said_that_nobody_was_told(job, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "release.outside.notifications", None)
    monkeypatch.delattr("release.outside.notifications", raising=False)
    with pytest.raises(Refusal, match="was not started"):
        driver.end()
    assert "::warning::nobody was told" in capsys.readouterr().out


def test_nobody_has_to_be_told():
    assert alarm.tell("a title", "a body", {}) == ""
