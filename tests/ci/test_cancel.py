"""An emergency stops what else is about to change its environment, and is held up by nothing for long."""

import re

import pytest

from ci import cancel
from tests.pipelines.workflows import ROOT, every

OWN = 1


def job(name, status="in_progress"):
    return {"name": name, "status": status}


@pytest.fixture
def stopped(github, repository):
    """What `stop` did, with a clock that jumps."""

    def _stopped(stack="staging"):
        now = iter(range(0, 10_000, 10))
        return cancel.stop(
            lambda: list(dict.fromkeys(cancel.others(github, stack, own=OWN))),
            lambda run, force: cancel.cancel(github, run, force=force),
            clock=lambda: next(now),
            sleep=lambda _: None,
        )

    return _stopped


@pytest.mark.parametrize("name", ["deploy staging", "roll back staging"])
@pytest.mark.parametrize("status", ["in_progress", "waiting", "queued", "pending"])
def test_what_changes_the_environment_is_cancelled_also_while_it_waits(stopped, repository, name, status):
    repository.runs[7] = [job("plan", "completed"), job(name, status)]
    assert stopped() == ([7], [])
    assert repository.told == ["7/cancel"]


@pytest.mark.parametrize(
    "name",
    ["deploy production", "deploy staging-eu", "preview staging", "look at staging", "rehearse staging"],
)
def test_what_does_not_goes_on(stopped, repository, name):
    repository.runs[7] = [job(name)]
    assert stopped() == ([], [])
    assert repository.told == []


@pytest.mark.parametrize("path", [cancel.DEPLOYS, f"{cancel.DEPLOYS}@refs/heads/main"])
@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_deployment_that_has_not_said_where_it_goes_is_cancelled(stopped, repository, path, status):
    """Its jobs have no names yet, and it could begin while the way back is set up."""
    repository.runs[7] = [job("plan", status)]
    repository.paths[7] = path
    assert stopped() == ([7], [])


def test_a_deployment_that_goes_elsewhere_goes_on(stopped, repository):
    repository.runs[7] = [job("plan", "completed"), job("deploy production")]
    repository.paths[7] = cancel.DEPLOYS
    assert stopped() == ([], [])


def test_the_jobs_that_are_looked_for_are_those_that_change_an_environment():
    named_so, change_one = set(), set()
    for workflow in every():
        for one in workflow.jobs:
            name = re.sub(r"\$\{\{.*?\}\}", "staging", str(one.content.get("name")))
            named_so |= {one.id} if cancel.job_names("staging").fullmatch(name) else set()
            change_one |= {one.id} if "deployments" in one.may_write else set()
    assert named_so == change_one
    assert "deploy.yml/deploy" in change_one
    assert (ROOT / cancel.DEPLOYS).is_file()


def test_the_run_itself_goes_on(stopped, repository):
    repository.runs[OWN] = [job("roll back staging")]
    assert stopped() == ([], [])


def test_one_that_does_not_end_is_ended_by_force_and_that_is_said(stopped, repository):
    repository.runs[7] = [job("deploy staging")]
    repository.stubborn = True
    told, _ = stopped()
    assert told == [7]
    assert repository.told == ["7/cancel", "7/force-cancel"]


def test_one_that_has_just_ended_by_itself_is_no_problem(github, repository, monkeypatch):
    monkeypatch.setattr(repository, "answer", lambda *_: (409, {"message": "Cannot cancel a completed run"}))
    cancel.cancel(github, 7)


def test_a_github_that_is_down_does_not_stand_in_the_way_back(monkeypatch, nobody, capsys):
    monkeypatch.setattr("sys.argv", ["cancel"])
    given = {"STACK": "staging", "GITHUB_RUN_ID": "1", "GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "a/b"}
    for name, value in {**given, "GITHUB_API_URL": nobody}.items():
        monkeypatch.setenv(name, value)
    cancel.stop_others()
    assert "::warning::GitHub does not answer" in capsys.readouterr().out
