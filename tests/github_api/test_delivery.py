"""What the delivery pipelines ask, against GitHub's own description: Prism refuses what it doesn't allow."""

import pytest

from ci import cancel, pin, preview, stacks
from ci.pin import Change
from ci.rest import RefusedByGithubError, Rest
from sections.pin import Pin

CHANGE = Change(
    stack="staging",
    before=Pin(version="v1.0.0"),
    after=Pin(version="v2.0.0"),
    run="https://github.com/octocat/Hello-World/actions/runs/17",
)
HELD = pin.Held(text="config:\n  alys:version: v1.0.0\n", blob="a" * 40)


@pytest.fixture
def rest(address):
    return Rest(api=address, repository="octocat/Hello-World", token="a-token")


def test_a_pin_is_committed(rest):
    assert pin._commit(rest, CHANGE, HELD, "text", "main")


def test_a_pin_comes_by_a_branch_a_commit_and_a_pull_request(rest):
    assert "https://github.com/octocat/Hello-World/pull/" in pin._pull_request(
        rest, CHANGE, HELD, "text", "main"
    )


def test_a_file_of_a_branch_is_read(rest):
    """Its content is an example of GitHub's; that it comes with its name is what counts."""
    assert rest.get("contents/Pulumi.staging.yaml", ref="main")


def test_runs_are_looked_through_in_every_state(rest):
    assert list(cancel.others(rest, "staging", own=1)) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_run_is_cancelled(rest, force):
    cancel.cancel(rest, 17, force=force)


def test_where_a_commit_came_from_is_asked(rest):
    assert not stacks.brought_back(rest.get(f"commits/{'a' * 40}/pulls"))


def test_a_comment_is_written(rest):
    assert preview.comment(rest, 1, "<!-- nobody's -->", "text").startswith("wrote https://github.com/")


def test_a_comment_is_updated(rest):
    assert rest.patch("issues/comments/1", {"body": "text"})


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("put", "contents/Pulumi.staging.yaml", {"content": "dGV4dA=="}),
        ("post", "git/refs", {"ref": "refs/heads/x"}),
        ("post", "pulls", {"title": "x"}),
        ("patch", "issues/comments/1", {}),
    ],
)
def test_half_a_request_is_refused(rest, method, path, content):
    """Else the tests above would prove nothing."""
    with pytest.raises(RefusedByGithubError, match="422"):
        getattr(rest, method)(path, content)
