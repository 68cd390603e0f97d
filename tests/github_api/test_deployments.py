"""The release driver's records against GitHub's own description: Prism refuses what it doesn't allow."""

import pytest

from release.outcome import Outcome
from release.outside import github
from release.outside.courier import Courier
from release.outside.github import Deployments, Place
from tests.github_api.takes_any_json import TakesAnyJson

PLACE = Place(
    repository="octocat/example",
    environment="staging",
    production=True,
    log_url="https://github.com/octocat/example/actions/runs/1",
    url="https://node.example",
)
PATIENT = 60
"""Prism answers the first question of each kind slowly; the limit is tried elsewhere."""


@pytest.fixture
def recorded(address):
    """Deployments that are recorded at Prism, and what couldn't be delivered."""

    def _recorded(*steps):
        courier = Courier(receiver="GitHub", limit=PATIENT)
        client = github.connect(token="planted", api=address, limit=PATIENT, transport=TakesAnyJson())
        deployments = Deployments(github=client, place=PLACE, courier=courier)
        for step in steps:
            step(deployments)
        courier.dismiss()
        courier.join(PATIENT)
        return courier.failures

    return _recorded


def begin(deployments):
    assert deployments.begin(ref="main", description="v2.0.0 to staging", payload={"version": "v2.0.0"})


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_deployment_from_its_beginning_to_any_end_is_as_github_wants_it(recorded, outcome):
    ending = lambda d: d.end(outcome, "x" * 500)  # noqa: E731
    assert recorded(begin, lambda d: d.say("in_progress", "50 %"), ending) == []


def test_mending_is_as_github_wants_it(recorded):
    assert recorded(lambda d: d.mend()) == []


def test_a_state_that_github_does_not_know_is_refused(recorded):
    """Else the tests above would prove nothing."""
    (failure,) = recorded(begin, lambda d: d.say("splendid", ""))
    assert "deployment state splendid was not delivered" in failure
