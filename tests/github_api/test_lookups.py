"""The look-ups against GitHub's own description: paths, parameters and the answers' form."""

import pytest

from checks.finding import CheckError
from checks.github import Github, connect


def test_a_team_has_an_id(github):
    assert github.team("github", "justice-league").id == 1


def test_a_user_has_an_id(github):
    assert github.user("octocat").id == 1


def test_a_repository_has_the_two_ids_of_an_immutable_subject(github):
    repository = github.repository("octocat/Hello-World")
    assert (repository.full_name, repository.id, repository.owner.id) == ("octocat/Hello-World", 1296269, 1)


def test_a_package_says_which_repository_it_belongs_to(github):
    package = github.package("github", "hello_docker")
    assert package.visibility in {"private", "public", "internal"}
    assert package.repository is None or "/" in package.repository.full_name


def test_a_package_with_a_slash_in_its_name_is_one(github):
    """Prism knows no path with another segment, and would answer 404."""
    assert github.package("github", "node/debug") is not None


@pytest.mark.parametrize(
    "look_up",
    [
        lambda github: github.team("github", "nobody"),
        lambda github: github.user("nobody"),
        lambda github: github.repository("octocat/nothing"),
    ],
    ids=["team", "user", "repository"],
)
def test_what_github_does_not_know_is_none(github, client, look_up):
    client.headers["Prefer"] = "code=404"
    assert look_up(github) is None


def test_a_refusal_says_how_to_get_a_token(github, client):
    client.headers["Prefer"] = "code=403"
    with pytest.raises(CheckError, match="export GITHUB_TOKEN"):
        github.repository("octocat/Hello-World")


def test_a_path_that_github_does_not_describe_would_be_noticed(client):
    assert client.get("/orgs/github/team/justice-league").json()["title"].startswith("Route not resolved")


def test_the_address_of_a_workflow_is_followed(address, monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", address)
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_test")
    with connect() as client:
        assert Github(client).user("octocat").id == 1
