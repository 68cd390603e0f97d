"""Deploy, rollback and emergency, step by step as GitHub's runner does it, on the local cluster."""

import json
import signal
import subprocess
import threading
import time

import pytest

from local import samples
from tests.pipelines import hub
from tests.pipelines.delivery import CONTEXT, Checkout, check_out, pulumi

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
LOCKED, END, PIN = "What is locked", "How it ended", "Bring the pin back"


@pytest.fixture
def repository():
    with hub.serving() as repository:
        yield repository


@pytest.fixture
def checkout(tmp_path, repository, nursery):
    found = check_out(tmp_path, repository)
    pulumi(found, "stack", "init", "local")
    found.commit()
    yield found
    words = ["delete", "namespace", found.namespace.name, "--ignore-not-found", "--wait=false"]
    subprocess.run(["kubectl", "--context", CONTEXT, *words], check=True, capture_output=True)


def deployment(checkout: Checkout, version: str, run: int = 17, **more: str):
    matrix = {"stack": "local", "version": version, "steps": "", "retry": "", "reason": "", **more}
    return checkout.job("deploy.yml", "deploy", run, matrix=matrix)


def deployed(checkout: Checkout, *versions: str) -> None:
    """These were released before, one after the other, by hand."""
    digests = samples.push()
    for version in versions:
        pin = {"alys:version": {"value": version}, "alys:digest": {"value": digests[version]}}
        pulumi(checkout, "config", "set-all", "--stack", "local", "--json", json.dumps(pin))
        pulumi(checkout, "up", "--stack", "local", "--yes", "--skip-preview", "--non-interactive")
        checkout.commit()


def texts(repository) -> str:
    return "\n".join(f"{one['title']}\n{one['message']}" for one in repository.messages)


@pytest.mark.runs(
    "deploy.yml/deploy/What is locked",
    "deploy.yml/deploy/Release",
    "deploy.yml/deploy/How it ended",
    "deploy.yml/deploy/Bring the pin back",
)
def test_a_version_is_deployed_recorded_told_and_pinned(checkout, repository):
    deployed(checkout, "v1.0.0")
    job = deployment(checkout, "v2.0.0", reason="the new importer")
    assert job.step(LOCKED).passed
    done = job.step("Release")
    assert done.passed, done.said
    ended = job.step(END)
    assert ended.passed, ended.said
    assert job.outputs("end") == {"code": "0", "outcome": "done", "changed": "Pulumi.local.yaml"}
    assert checkout.namespace.see().versions == {"v2.0.0": 2}
    # The record was there before anything was changed.
    (record,) = repository.deployments
    assert (record.environment, record.payload["version"]) == ("local", "v2.0.0")
    assert repository.states[0] == "in_progress"
    assert repository.states[-1] == "success"
    assert "by ann" in texts(repository)
    assert "https://github.com/alys/alys-release/actions/runs/17" in texts(repository)
    assert "v2.0.0" in done.summary
    back = job.step(PIN)
    assert back.passed, back.said
    (pull,) = repository.pulls
    assert pull["title"] == "release: v2.0.0 on local"
    assert "alys:version: v2.0.0" in repository.files[pull["head"]]["Pulumi.local.yaml"]
    history = json.loads(pulumi(checkout, "stack", "history", "--stack", "local", "--json"))
    assert "the new importer" in history[0]["message"]


def test_a_version_that_fails_is_red_and_leaves_the_pin(checkout, repository):
    deployed(checkout, "v2.0.0")
    job = deployment(checkout, "v3.0.0")
    assert job.step(LOCKED).passed
    done = job.step("Release")
    assert done.code == 4, done.said
    assert job.step(END).passed
    assert job.outputs("end")["outcome"] == "rolled back"
    assert checkout.namespace.see().versions == {"v2.0.0": 2}
    assert repository.states[-1] == "failure"
    assert "rolled back" in done.summary
    back = job.step(PIN)
    assert "this run left the pin as it was" in back.said
    assert repository.pulls == []


def test_a_version_that_is_not_there_is_refused_with_its_reason_on_the_page(checkout, repository):
    job = deployment(checkout, "v9.9.9")
    assert job.step(LOCKED).passed
    done = job.step("Release")
    assert done.code == 3
    ended = job.step(END)
    assert ended.passed
    assert "The registry has no version v9.9.9" in ended.summary
    assert repository.deployments == []


def test_a_job_that_is_cancelled_goes_back_and_says_so_everywhere(checkout, repository):
    deployed(checkout, "v1.0.0")
    job = deployment(checkout, "v7.0.0")
    assert job.step(LOCKED).passed
    step = job.begin("Release")
    until(lambda: checkout.pinned() == "v7.0.0")
    began = time.monotonic()
    # To the first process alone, and to no group: so does GitHub's runner.
    step.send_signal(signal.SIGINT)
    said, _ = step.communicate(timeout=60)
    assert step.returncode == 130, said
    assert "the next step waits for it" in said
    print(f"the step let go after {time.monotonic() - began:.1f} s")
    ended = job.step(END)
    assert ended.passed, ended.said
    assert job.outputs("end")["outcome"] == "cancelled"
    assert checkout.namespace.see().versions == {"v1.0.0": 2}
    assert repository.states[-1] == "error"
    assert "cancelled" in texts(repository)
    assert job.step(PIN).passed
    assert checkout.pinned() == "v1.0.0"


@pytest.mark.runs(
    "rollback.yml/rollback/What was typed",
    "rollback.yml/rollback/What is locked",
    "rollback.yml/rollback/Roll back",
    "rollback.yml/rollback/How it ended",
    "rollback.yml/rollback/What runs now",
    "rollback.yml/rollback/Bring the pin back",
)
def test_a_rollback_goes_to_the_version_that_is_asked_for(checkout, repository):
    """Not to the one before it: that would be v2.0.0."""
    deployed(checkout, "v1.0.0", "v2.0.0", "v5.0.0")
    job = checkout.job("rollback.yml", "rollback", inputs={"environment": "local", "version": "v1.0.0"})
    typed = job.step("What was typed")
    assert typed.passed, typed.said
    assert job.step(LOCKED).passed
    done = job.step("Roll back")
    assert done.passed, done.said
    assert job.step(END).passed
    verified = job.step("What runs now")
    assert verified.passed, verified.said
    assert "v1.0.0 runs on 2 of 2 pods" in verified.said
    assert job.step(PIN).passed
    (pull,) = repository.pulls
    assert pull["title"] == "release: v1.0.0 on local"
    (record,) = repository.deployments
    assert (record.task, record.payload["version"]) == ("rollback", "v1.0.0")


@pytest.mark.runs(
    "emergency-rollback.yml/rollback/What was typed",
    "emergency-rollback.yml/rollback/Stop what else is about to change it",
    "emergency-rollback.yml/rollback/What is locked",
    "emergency-rollback.yml/rollback/Wait for what was stopped",
    "emergency-rollback.yml/rollback/Roll back",
    "emergency-rollback.yml/rollback/How it ended",
    "emergency-rollback.yml/rollback/What runs now",
    "emergency-rollback.yml/rollback/Bring the pin back",
)
def test_an_emergency_stops_the_deployment_on_another_machine_and_wins(checkout, repository, tmp_path):
    """The other run is told through GitHub, goes back by itself, and lets go of the stack."""
    deployed(checkout, "v1.0.0", "v2.0.0")
    other = check_out(tmp_path, repository, like=checkout, name="other")
    deploying = deployment(other, "v7.0.0", run=23)
    assert deploying.step(LOCKED).passed
    repository.runs[23] = [
        {"name": "plan", "status": "completed"},
        {"name": "deploy local", "status": "in_progress"},
    ]
    repository.stubborn = True
    step = deploying.begin("Release")
    until(lambda: other.pinned() == "v7.0.0")

    def cancelled() -> None:
        repository.on_cancel = lambda: None
        threading.Thread(target=ends).start()

    def ends() -> None:
        step.send_signal(signal.SIGINT)
        step.communicate()
        deploying.step(END)
        repository.end_run(23)

    repository.on_cancel = cancelled
    job = checkout.job(
        "emergency-rollback.yml",
        "rollback",
        inputs={"environment": "local", "version": "v1.0.0", "reason": "it burns", "unlock": False},
    )
    assert job.step("What was typed").passed
    told = job.step("Stop what else is about to change it")
    assert "cancelled https://github.com/alys/alys-release/actions/runs/23" in told.said
    assert job.step(LOCKED).passed
    waited = job.step("Wait for what was stopped")
    assert waited.passed, waited.said
    done = job.step("Roll back")
    assert done.passed, done.said
    assert job.step(END).passed
    assert job.step("What runs now").passed
    assert job.step(PIN).passed
    assert [pull["title"] for pull in repository.pulls] == ["release: v1.0.0 on local"]
    assert deploying.outputs("end")["outcome"] == "cancelled"
    assert checkout.namespace.see().versions == {"v1.0.0": 2}
    assert "it burns" in pulumi(checkout, "stack", "history", "--stack", "local", "--json")


@pytest.mark.runs(
    "emergency-rollback.yml/rollback/Remove the locks",
)
def test_an_emergency_on_a_stack_that_a_dead_machine_holds_says_so_and_goes_on_when_it_is_unlocked(
    checkout, repository
):
    deployed(checkout, "v1.0.0", "v2.0.0")
    locks = checkout.state / ".pulumi/locks/organization/alys/local"
    locks.mkdir(parents=True, exist_ok=True)
    held = {"pid": 4711, "username": "runner", "hostname": "another", "timestamp": "2026-01-01T00:00:00Z"}
    (locks / "0.json").write_text(json.dumps(held))
    job = checkout.job("emergency-rollback.yml", "rollback", inputs={"environment": "local", "unlock": True})
    assert job.step(LOCKED).passed
    refused = job.step("Roll back")
    assert refused.code == 6, refused.said
    assert "a process of another machine" in refused.said
    again = checkout.job(
        "emergency-rollback.yml", "rollback", inputs={"environment": "local", "unlock": True}
    )
    assert again.step(LOCKED).passed
    unlocked = again.step("Remove the locks")
    assert unlocked.passed, unlocked.said
    done = again.step("Roll back")
    assert done.passed, done.said
    assert checkout.namespace.see().versions == {"v1.0.0": 2}


def until(condition, *, seconds: float = 120) -> None:
    over = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < over, "it did not happen"
        time.sleep(0.1)
