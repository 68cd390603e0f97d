"""One issue a stack: opened, updated and closed by itself."""

import json
import re
from dataclasses import asdict

import pytest

from ci import drift, engine
from ci.drift import Found, body
from ci.engine import Seen
from ci.report import Refusal
from tests.pipelines.workflows import ROOT

RUN = "https://github.com/alys/alys-release/actions/runs/17"
DIFFERENCE = "~ kubernetes:core/v1:Namespace\nResources:\n    ~ 1 to update\n    5 unchanged\n"
DRIFTED = Found(stack="staging", difference=DIFFERENCE)
WELL = Found(stack="staging")


@pytest.fixture
def told(repository, tmp_path, monkeypatch):
    """What `tell` makes of what was found."""
    given = {"STACK": "staging", "RUN_URL": RUN, "RUNNER_TEMP": str(tmp_path)}
    given |= {"GITHUB_API_URL": repository.url, "GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "t"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    def _told(found):
        if found:
            (tmp_path / "drift-staging.json").write_text(json.dumps(asdict(found)))
        drift.tell()
        return repository.issues

    return _told


def test_drift_opens_an_issue_that_says_what_and_how_to_mend_it(told):
    (issue,) = told(DRIFTED)
    assert issue["title"] == "staging is not as declared"
    assert "~ 1 to update" in issue["body"]
    assert "`pulumi up -s staging --refresh`" in issue["body"]


def test_the_next_look_updates_it_and_opens_no_other(told):
    told(DRIFTED)
    (issue,) = told(Found(stack="staging", difference="another thing"))
    assert "another thing" in issue["body"]
    assert "1 to update" not in issue["body"]


def test_it_is_closed_when_all_is_as_declared(told, repository):
    told(DRIFTED)
    (issue,) = told(WELL)
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert RUN in repository.comments[0]["body"]


def test_nothing_to_say_says_nothing(told):
    assert told(WELL) == []


def test_a_look_that_failed_is_no_look_at_a_healthy_stack(told):
    told(DRIFTED)
    (issue,) = told(Found(stack="staging", unseen="no credentials"))
    assert issue["state"] == "open"
    assert "no credentials" in issue["body"]


def test_a_look_that_never_ended_is_none_either(told):
    (issue,) = told(None)
    assert "did not end" in issue["body"]


def test_what_others_say_can_not_leave_its_place():
    text = body(Found(stack="staging", difference="```\n@everyone"), RUN)
    assert "````diff\n```\n@everyone\n````" in text


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Seen(text=DIFFERENCE, failed=""), "drift"),
        (Seen(text="", failed="no role"), "could not look"),
        (Seen(text=DIFFERENCE, failed="lost contact"), "could not look"),
    ],
)
def test_a_look_is_red_for_drift_and_where_it_could_not_look(monkeypatch, tmp_path, seen, said):
    monkeypatch.setenv("STACK", "staging")
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setattr(engine, "refresh", lambda *_: seen)
    with pytest.raises(Refusal, match=f"staging: {said}"):
        drift.look()


def test_it_leaves_out_what_the_page_for_people_leaves_out():
    page = (ROOT / "docs/how-to/look-for-drift.md").read_text()
    assert tuple(re.findall(r"--exclude '([^']+)'", page)) == drift.LEFT_OUT
