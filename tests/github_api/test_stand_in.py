"""The demo's stand-in against GitHub's own description: Prism looks at what goes in and what comes out."""

import httpx
import pytest

from local.demo.receiver import receiving
from release.outcome import Outcome
from release.outside import courier, github
from release.outside.courier import Courier
from release.outside.github import Deployments, Place
from tests.github_api.prism import between

PATIENT = 60
"""Prism answers the first question of each kind slowly."""
PLACE = Place(
    repository="octocat/example",
    environment="staging",
    log_url="https://github.com/octocat/example/actions",
    url="https://node.example",
)


@pytest.fixture(scope="module")
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def judged(receiver):
    """The receiver's address, with Prism before it."""
    with between(receiver.github) as address:
        yield address


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_answer_to_the_driver_has_githubs_form(judged, outcome):
    carrier = Courier(receiver="GitHub", limit=PATIENT)
    client = github.connect(token="planted", api=judged, limit=PATIENT)
    deployments = Deployments(github=client, place=PLACE, courier=carrier)
    deployments.mend()
    deployments.begin(ref="main", description="v2.0.0 to staging", payload={"version": "v2.0.0"})
    deployments.end(outcome, "ended")
    courier.send_home([carrier], limit=PATIENT)
    assert carrier.failures == []


def test_an_answer_of_another_form_is_seen(judged, receiver):
    """Else the test above would prove nothing."""
    (*_, made) = receiver.deployments
    path = f"/repos/octocat/example/deployments/{made.number}/statuses"
    answer = httpx.post(judged + path, json={"state": "success", "log_url": "no URL"}, timeout=PATIENT)
    assert answer.status_code == 500
    assert answer.json()["validation"][0]["location"][:2] == ["response", "body"]
