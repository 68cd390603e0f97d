"""When a job or a step runs: each condition of the workflows, asked."""

import pytest

from tests.pipelines.expressions import holds, resolve
from tests.pipelines.workflows import callers, every, named

STATUSES = ("success", "failure", "cancelled")
PUSH = {"event_name": "push", "ref": "refs/heads/main", "repository": "alys/alys", "event": {}}
CONDITIONS = [
    (f"{job.id}/{getattr(one, 'name', '')}", one.content["if"])
    for workflow in every()
    for job in workflow.jobs
    for one in (job, *job.steps)
    if "if" in one.content
]


def running(workflow, job, status="success", **contexts):
    """Names of the steps that run, where all that came before have ended so."""
    given = {"github": PUSH, "inputs": {}, "needs": {}, "steps": {}, **contexts}
    steps = named(workflow).job(job).steps
    return {step.name for step in steps if holds(step.content.get("if"), given, status)}


def runs(workflow, job, status="success", **contexts):
    """Whether a job does, where those that it needs have ended so."""
    given = {"github": PUSH, "needs": {}, **contexts}
    return holds(named(workflow).job(job).content.get("if"), given, status)


@pytest.mark.parametrize(("where", "condition"), CONDITIONS, ids=[where for where, _ in CONDITIONS])
def test_a_condition_is_one_that_sometimes_holds_and_that_the_tests_can_read(where, condition):
    plan = {"outputs": {"push": "true", "any": "true"}}
    steps = {
        "end": {"outcome": "success"},
        "base": {"outcome": "success"},
        "scan": {"outputs": {"sarif": "x"}},
    }
    repository = {"full_name": PUSH["repository"], "fork": False}
    pull = {"pull_request": {"head": {"repo": repository}}}
    contexts = {"needs": {"plan": plan}, "steps": steps, "inputs": {"unlock": True}}
    events = [PUSH, PUSH | {"event_name": "pull_request", "event": pull}, PUSH | {"event_name": "schedule"}]
    assert any(holds(condition, contexts | {"github": one}, status) for one in events for status in STATUSES)


@pytest.mark.parametrize("unlock", [True, False, None])
def test_locks_are_removed_where_somebody_has_said_so_alone(unlock):
    there = running("emergency-rollback.yml", "rollback", inputs={"unlock": unlock})
    assert ("Remove the locks" in there) is (unlock is True)


@pytest.mark.parametrize("workflow", ["deploy.yml", "rollback.yml", "emergency-rollback.yml"])
@pytest.mark.parametrize("status", ["failure", "cancelled"])
def test_how_a_release_ended_is_asked_and_kept_whatever_happened(workflow, status):
    job = "deploy" if workflow == "deploy.yml" else "rollback"
    known = running(workflow, job, status, steps={"end": {"outcome": "success"}})
    assert known >= {"How it ended", "Bring the pin back", "Keep what it left"}
    unknown = running(workflow, job, status, steps={"end": {"outcome": "failure"}})
    assert "How it ended" in unknown
    assert "Bring the pin back" not in unknown


@pytest.mark.parametrize("any_", ["true", "false"])
def test_nothing_is_deployed_where_nothing_was_pinned(any_):
    assert runs("deploy.yml", "deploy", needs={"plan": {"outputs": {"any": any_}}}) is (any_ == "true")


OWN = [{"full_name": "alys/alys", "fork": False}, {"full_name": "Alys/alys", "fork": True}]
FOREIGN = [{"full_name": "mallory/alys", "fork": True}, {"full_name": "mallory/alys", "fork": False}, None]
"""Also a copy that GitHub doesn't call a fork, and one that was deleted since."""


def pull_request(repository):
    event = {"pull_request": {"head": {"repo": repository}}}
    return PUSH | {"event_name": "pull_request", "ref": "refs/pull/7/merge", "event": event}


@pytest.mark.parametrize("head", [*OWN, *FOREIGN])
def test_credentials_are_for_branches_of_the_repository_itself(head):
    needs = {"plan": {"outputs": {"any": "true"}}}
    assert runs("preview.yml", "preview", github=pull_request(head), needs=needs) is (head in OWN)
    nothing = {"plan": {"outputs": {"any": "false"}}}
    assert not runs("preview.yml", "preview", github=pull_request(head), needs=nothing)


@pytest.mark.parametrize("job", ["policy", "code"])
def test_alerts_are_written_by_whoever_may(job):
    """A fork's job has no right to, and all else has."""
    for github in [PUSH, PUSH | {"event_name": "schedule"}, *map(pull_request, OWN)]:
        assert "Upload the findings" in running("security.yml", job, "failure", github=github)
    for github in map(pull_request, FOREIGN):
        assert "Upload the findings" not in running("security.yml", job, "failure", github=github)


PUSHED = {
    "build": {"Log in to the registry", "What is in it", "Attest what is in it"},
    "publish": {"Log in to the registry", "One image, and its names", "Attest where it comes from"},
}


@pytest.mark.parametrize("job", PUSHED)
def test_an_image_that_is_not_pushed_has_no_names_and_no_attestations(job):
    pushed = running("image.yml", job, needs={"plan": {"outputs": {"push": "true"}}})
    not_pushed = running("image.yml", job, needs={"plan": {"outputs": {"push": "false"}}})
    assert pushed - not_pushed == PUSHED[job]
    assert not_pushed - pushed == set()


@pytest.mark.parametrize("status", ["success", "failure"])
@pytest.mark.parametrize("push", ["true", "false"])
def test_what_a_scan_finds_is_uploaded_for_what_is_pushed(status, push):
    needs, steps = {"plan": {"outputs": {"push": push}}}, {"scan": {"outputs": {"sarif": "results.sarif"}}}
    there = running("image.yml", "build", status, needs=needs, steps=steps)
    assert ("Upload the findings" in there) is (push == "true")


@pytest.mark.parametrize("status", STATUSES)
def test_a_night_is_reported_also_when_it_found_something(status):
    night = {"github": PUSH | {"event_name": "schedule"}}
    assert runs("security.yml", "report", status, **night) is (status != "cancelled")
    assert not runs("security.yml", "report", status)


@pytest.mark.parametrize(
    ("event", "ref"), [("push", "develop"), ("pull_request", "main"), ("merge_group", "main")]
)
def test_the_chart_is_of_main_alone(event, ref):
    assert runs("benchmarks.yml", "history")
    elsewhere = PUSH | {"event_name": event, "ref": f"refs/heads/{ref}"}
    assert not runs("benchmarks.yml", "history", github=elsewhere)
    assert not runs("benchmarks.yml", "history", "failure")


GROUPED = [
    one
    for one in (*callers(), named("checks.yml"))
    if "push" in one.triggers and one.name != "pipelines/phases.yml"
]


def group(workflow, **github):
    return resolve(workflow.content["concurrency"]["group"], {"github": PUSH | github})


@pytest.mark.parametrize("workflow", GROUPED, ids=lambda one: one.name)
def test_each_push_is_looked_at_and_of_a_pull_request_the_newest(workflow):
    """Of those that wait in a group GitHub cancels all but the newest, also where none that runs is."""
    assert group(workflow, sha="a") != group(workflow, sha="b")
    pulls = {group(workflow, event_name="pull_request", ref="refs/pull/7/merge", sha=sha) for sha in "ab"}
    assert len(pulls) == 1
    assert group(workflow, event_name="pull_request", ref="refs/pull/8/merge", sha="a") not in pulls


def test_each_commit_of_main_gets_its_place_in_the_chart():
    """They write to one branch, so one after the other."""
    assert named("benchmarks.yml").job("history").content["concurrency"] == {
        "group": "benchmark-history",
        "queue": "max",
        "cancel-in-progress": False,
    }
