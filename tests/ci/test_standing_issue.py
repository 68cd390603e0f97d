import json

import pytest

from ci import standing_issue
from ci.report import Refusal
from ci.standing_issue import Action, Issues, decide
from tests.release.receiver import Reply, receiving

FAILED, FINE = {"policy": {"result": "failure"}}, {"policy": {"result": "success"}}


@pytest.fixture
def github():
    """As much of GitHub as keeps issues."""
    issues = {}

    def answer(request):
        content = json.loads(request.body) if request.body else {}
        parts = request.path.partition("?")[0].strip("/").split("/")[3:]
        if request.method == "GET":
            found = [one for one in issues.values() if one["state"] == "open"]
            return Reply(body=json.dumps(found).encode())
        if parts == ["issues"]:
            number = len(issues) + 1
            issues[number] = {"number": number, "state": "open", **content}
            return Reply(status=201, body=json.dumps(issues[number]).encode())
        number = int(parts[1])
        if parts[2:] == ["comments"]:
            issues[number].setdefault("comments", []).append(content["body"])
            return Reply(status=201, body=b"{}")
        issues[number] |= content
        return Reply(body=json.dumps(issues[number]).encode())

    with receiving() as receiver:
        receiver.answer = answer
        receiver.issues = issues
        yield receiver


@pytest.fixture
def night(github, monkeypatch):
    def run(needs, name="security"):
        words = [name, "--title", "Findings", "--label", "security"]
        monkeypatch.setattr("sys.argv", ["ci.standing_issue", *words])
        monkeypatch.setenv("GITHUB_API_URL", github.address)
        monkeypatch.setenv("GITHUB_REPOSITORY", "alys/alys")
        monkeypatch.setenv("GITHUB_TOKEN", "a-token")
        monkeypatch.setenv("NEEDS", json.dumps(needs))
        monkeypatch.setenv("RUN_URL", "https://github.com/alys/alys/actions/runs/1")
        standing_issue.keep()
        return github.issues

    return run


def test_two_bad_nights_are_one_issue(night):
    night(FAILED)
    issues = night({"policy": {"result": "success"}, "code": {"result": "cancelled"}})
    assert list(issues) == [1]
    assert "`code`: cancelled" in issues[1]["body"]
    assert "policy" not in issues[1]["body"]


def test_a_good_night_closes_it_with_a_word(night):
    night(FAILED)
    issue = night(FINE)[1]
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert issue["comments"] == ["All is well again: https://github.com/alys/alys/actions/runs/1"]


def test_a_bad_night_after_a_good_one_is_a_new_issue(night):
    for needs in (FAILED, FINE, FAILED):
        issues = night(needs)
    assert {number: one["state"] for number, one in issues.items()} == {1: "closed", 2: "open"}


def test_good_nights_say_nothing(night, github):
    assert night(FINE) == {}
    assert [request.method for request in github.requests] == ["GET"]


def test_an_issue_of_somebody_else_is_left_alone(night, github):
    github.issues[1] = {"number": 1, "state": "open", "title": "Findings", "body": None}
    assert night(FAILED)[1]["body"] is None
    assert night(FINE, name="other")[2]["state"] == "open"


def test_an_issue_is_found_again_whatever_its_title_is(night, github):
    night(FAILED)
    github.issues[1]["title"] = "renamed by somebody"
    assert list(night(FAILED)) == [1]


def test_a_right_that_is_missing_is_named(github):
    github.answer = lambda _: Reply(status=403, body=b"Resource not accessible by integration")
    with pytest.raises(Refusal, match=r"403: Resource not accessible.*needs `issues: write`"):
        Issues(github.address, "alys/alys", "t").find("security", "security")


def test_a_silent_github_is_a_refusal():
    with pytest.raises(Refusal, match="GitHub does not answer"):
        Issues("http://127.0.0.1:9", "alys/alys", "t").find("security", "security")


@pytest.mark.parametrize(
    ("number", "failing", "action"),
    [
        (None, True, Action("open")),
        (3, True, Action("update", 3)),
        (3, False, Action("close", 3)),
        (None, False, Action("nothing")),
    ],
)
def test_what_is_done(number, failing, action):
    assert decide(number, failing=failing) == action
