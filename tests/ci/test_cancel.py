"""An emergency stops what else is about to change its environment, and is held up by nothing for long."""

import pytest

from ci import cancel

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


@pytest.mark.parametrize("name", ["deploy staging", "roll back staging", "migrate staging"])
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
