"""Who is told of a run, from what the environment and the stack file name."""

from release.telling import records
from release.telling.redaction import Redactor
from settings import Settings
from tests.sections.refusals import WHOLE, read

JOB = {
    "GITHUB_TOKEN": "a token",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "alys/alys-release",
    "GITHUB_RUN_ID": "7",
}
GITHUB = {"repository": "alys/alys", "runner": "inside", "url": "https://grafana.example/d/alys-node"}


def opened(environment, settings, stack="staging"):
    return records.open_records(environment, settings, stack=stack, redactor=Redactor())


def test_a_deployment_leads_to_the_job_that_made_it_and_to_what_it_made():
    made = opened(JOB, read({**WHOLE, "github": GITHUB}))
    assert made.deployments
    place = made.deployments._place
    assert place.log_url == "https://github.example/alys/alys-release/actions/runs/7"
    assert place.url == "https://grafana.example/d/alys-node"
    assert (place.repository, place.environment) == ("alys/alys-release", "staging")
    assert not place.production


def test_production_is_said_to_be_production():
    assert opened(JOB, Settings(), "production").deployments._place.production


def test_without_a_token_nobody_is_told():
    made = opened({}, read({**WHOLE, "github": GITHUB}))
    assert (made.deployments, made.channels) == (None, ())
