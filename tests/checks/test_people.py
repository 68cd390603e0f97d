import httpx
import pytest

from checks.finding import CheckError
from checks.github import Github
from checks.people import reviewers
from sections.github import Github as Section

SECTION = Section(
    repository="alys/alys",
    deploy={"reviewers": {"users": ["octocat"], "teams": ["release-managers"]}},
    rollback={"reviewers": {"teams": ["on-call"]}},
)
KNOWN = {
    "/users/octocat": (200, {"id": 1}),
    "/orgs/alys/teams/release-managers": (200, {"id": 2}),
    "/orgs/alys/teams/on-call": (200, {"id": 3}),
}


def test_known_reviewers_are_shown_with_their_ids(github):
    findings = list(reviewers("staging", SECTION, github(KNOWN)))
    assert all(one.ok for one in findings)
    assert [one.what for one in findings] == [
        "user octocat is 1",
        "team alys/release-managers is 2",
        "team alys/on-call is 3",
    ]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/users/octocat", "alys:github.deploy.reviewers.users"),
        ("/orgs/alys/teams/release-managers", "alys:github.deploy.reviewers.teams"),
        ("/orgs/alys/teams/on-call", "alys:github.rollback.reviewers.teams"),
    ],
)
def test_an_unknown_reviewer_is_named_with_the_key_to_mend(github, path, key):
    known = {one: answer for one, answer in KNOWN.items() if one != path}
    (finding,) = [one for one in reviewers("staging", SECTION, github(known)) if not one.ok]
    assert f"Pulumi.staging.yaml, {key}" in finding.remedy


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_no_unknown_reviewer(github, status):
    refused = {"/users/octocat": (status, {"message": "Bad credentials"})}
    with pytest.raises(CheckError, match="Bad credentials\n  export GITHUB_TOKEN"):
        list(reviewers("staging", SECTION, github(refused)))


def test_a_server_that_is_ill_is_no_unknown_reviewer(github):
    with pytest.raises(CheckError, match="with 502"):
        list(reviewers("staging", SECTION, github({"/users/octocat": (502, {})})))


def test_a_server_that_does_not_answer_is_said_so():
    def nobody(request):
        raise httpx.ConnectError("connection refused")

    client = httpx.Client(base_url="https://server.example", transport=httpx.MockTransport(nobody))
    with pytest.raises(CheckError, match=r"https://server\.example.* does not answer: connection refused"):
        list(reviewers("staging", SECTION, Github(client)))
