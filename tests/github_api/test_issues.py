"""The one issue of a nightly run against GitHub's own description."""

import pytest

from ci.report import Refusal
from ci.standing_issue import Issues


@pytest.fixture
def issues(address):
    return Issues(address, "octocat/Hello-World", "a-token")


def test_open_issues_are_looked_through(issues):
    assert issues.find("security", "security") is None


def test_an_issue_is_opened(issues):
    assert issues.open("Findings", "text", "security") > 0


def test_an_issue_is_updated_and_closed(issues):
    issues.update(1, "text")
    issues.close(1, "https://github.com/octocat/Hello-World/actions/runs/1")


def test_a_comment_without_a_word_is_refused(issues):
    """Else the tests above would prove nothing; Prism looks into no other body of these."""
    with pytest.raises(Refusal, match="422"):
        issues._asked("POST", "/1/comments", {})
