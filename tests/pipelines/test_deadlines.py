"""A job's end comes after that of what it does, and before that of its credentials."""

import pytest

from components.access_section import DEPLOY_HOURS, SHORT_HOURS
from settings import load
from tests.pipelines.workflows import ROOT, every, named
from tests.test_stacks import ENVIRONMENTS

SETS_UP_WITHIN = 10
"""Minutes for the checkout, the tools, and what `release` asks before it begins."""
GOES_BACK_WITHIN = 5
"""Minutes that GitHub leaves a job whose time is over."""
WITH_A_ROLE = [
    (job, step)
    for workflow in every()
    for job in workflow.jobs
    for step in job.steps
    if "role-to-assume" in step.content.get("with", {})
]


def longest(stack):
    """Minutes of a deployment that is patient in each step, fails in the last one and goes back."""
    settings = load(ROOT / f"Pulumi.{stack}.yaml")
    update, strategy = settings.release.timing.update, settings.strategy
    steps = len(strategy.steps) * (update + strategy.soak_seconds + strategy.patience_seconds)
    # Helm may need its limit twice, there and back.
    return (steps + 2 * update + 2 * update) / 60


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_a_deployment_has_time_for_all_of_its_steps_and_the_way_back(stack):
    limit = named("deploy.yml").job("deploy").content["timeout-minutes"]
    assert SETS_UP_WITHIN + longest(stack) <= limit, (
        f"Pulumi.{stack}.yaml: shorten alys:strategy or alys:release.timing.update, or release it by hand"
    )


@pytest.mark.parametrize(("job", "step"), WITH_A_ROLE, ids=lambda one: getattr(one, "id", ""))
def test_a_job_goes_back_before_its_role_ends(job, step):
    lasts = step.content["with"]["role-duration-seconds"]
    assert 60 * (job.content["timeout-minutes"] + GOES_BACK_WITHIN) <= lasts


@pytest.mark.parametrize(("job", "step"), WITH_A_ROLE, ids=lambda one: getattr(one, "id", ""))
def test_a_role_is_asked_for_no_longer_than_it_may_be_had(job, step):
    name = job.content["environment"]["name"]
    hours = SHORT_HOURS if name.endswith(("-rollback", "-preview")) else DEPLOY_HOURS
    assert step.content["with"]["role-duration-seconds"] == 3600 * hours
