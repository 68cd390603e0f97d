"""Drift and preview, step by step as GitHub's runner does it, and what decides before them."""

import json
import re
import subprocess

import pytest

from local import node_image
from tests.pipelines import hub
from tests.pipelines.delivery import CONTEXT, check_out, git, pulumi
from tests.pipelines.workflows import named

LOCKED = "What is locked"
pytestmark = [pytest.mark.timeout(900)]


@pytest.fixture
def repository():
    with hub.serving() as repository:
        yield repository


@pytest.fixture
def clone(tmp_path, repository, nursery):
    return check_out(tmp_path, repository)


@pytest.fixture
def checkout(clone):
    pulumi(clone, "stack", "init", "local")
    clone.commit()
    yield (found := clone)
    words = ["delete", "namespace", found.namespace.name, "--ignore-not-found", "--wait=false"]
    subprocess.run(["kubectl", "--context", CONTEXT, *words], check=True, capture_output=True)


def changed(checkout, name, old, new) -> str:
    """Another text in a stack file, committed; the commit before."""
    before = git(checkout.folder, "rev-parse", "HEAD")
    path = checkout.folder / f"Pulumi.{name}.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    checkout.commit()
    return before


@pytest.mark.cluster
@pytest.mark.runs(
    "drift.yml/look/What is locked",
    "drift.yml/look/Look",
    "drift.yml/look/One issue, opened, updated or closed",
)
def test_a_change_by_hand_opens_an_issue_and_its_undoing_closes_it(checkout, repository):
    assert deployed(checkout)
    namespace = checkout.namespace.name

    def looked():
        job = checkout.job("drift.yml", "look", github={"event_name": "schedule"})
        assert job.step(LOCKED).passed
        seen = job.step("Look")
        told = job.step("One issue, opened, updated or closed")
        assert told.passed, told.said
        return seen

    calm = looked()
    assert calm.passed, calm.said
    assert repository.issues == []
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=privileged", "--overwrite")
    seen = looked()
    assert not seen.passed
    assert "local: drift" in seen.said, seen.said
    (issue,) = repository.issues
    assert "node-namespace" in issue["body"]
    assert "privileged" in issue["body"]
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted", "--overwrite")
    again = looked()
    assert again.passed, again.said
    assert repository.issues[0]["state"] == "closed"


@pytest.mark.cluster
@pytest.mark.runs(
    "preview.yml/preview/What is locked",
    "preview.yml/preview/Both ways",
    "preview.yml/preview/One comment, written or updated",
)
def test_a_pull_request_that_pins_another_version_gets_one_comment_with_both_ways(checkout, repository):
    assert deployed(checkout)
    digest = node_image.push("v2.0.0")
    text = (checkout.folder / "Pulumi.local.yaml").read_text()
    (old,) = re.findall(r"alys:digest: (\S+)", text)
    new = text.replace("alys:version: v1.0.0", "alys:version: v2.0.0").replace(old, digest)
    base = changed(checkout, "local", text, new)
    pull = {"pull_request": {"number": 5, "base": {"sha": base}}}
    for _ in range(2):
        job = checkout.job("preview.yml", "preview", github={"event_name": "pull_request", "event": pull})
        assert job.step(LOCKED).passed
        both = job.step("Both ways")
        assert both.passed, both.said
        told = job.step("One comment, written or updated")
        assert told.passed, told.said
    (comment,) = repository.comments
    assert "### local: changes, within the policies" in comment["body"]
    assert '~ version: "v1.0.0" => "v2.0.0"' in comment["body"]
    assert "forward: v1.0.0" in comment["body"]
    assert "the way back: v2.0.0" in comment["body"]
    assert "could not be planned" not in comment["body"]


@pytest.mark.cluster
def test_a_policy_that_says_no_is_red_and_in_the_comment(checkout, repository):
    rules = checkout.folder / "policy/rules/pod_security.py"
    text = rules.read_text()
    rules.write_text(text.replace('"restricted"', '"even more restricted"'))
    assert rules.read_text() != text
    pull = {"pull_request": {"number": 5, "base": {"sha": git(checkout.folder, "rev-parse", "HEAD")}}}
    job = checkout.job("preview.yml", "preview", github={"event_name": "pull_request", "event": pull})
    assert job.step(LOCKED).passed
    both = job.step("Both ways")
    assert not both.passed
    assert job.step("One comment, written or updated").passed
    assert "policy says no" in repository.comments[0]["body"]


@pytest.mark.runs(
    "deploy.yml/plan/What was typed", "deploy.yml/plan/What is locked", "deploy.yml/plan/Where to"
)
def test_a_push_that_pins_staging_anew_deploys_staging_and_a_hostile_input_nothing(clone):
    before = changed(clone, "staging", "alys:version: v1.0.0", "alys:version: v1.1.0")
    event = {"event_name": "push", "event": {"before": before}}
    job = clone.job("deploy.yml", "plan", inputs={}, github=event)
    assert job.step("What was typed").passed
    assert job.step(LOCKED).passed
    done = job.step("Where to")
    assert done.passed, done.said
    assert [one["stack"] for one in json.loads(job.outputs("stacks")["include"])] == ["staging"]
    hostile = {"environment": "staging", "version": "$(touch /tmp/owned)", "steps": ""}
    job = clone.job("deploy.yml", "plan", inputs=hostile)
    refused = job.step("What was typed")
    assert not refused.passed
    assert "VERSION: '$(touch /tmp/owned)' is not an image tag" in refused.said


@pytest.mark.runs(
    "preview.yml/plan/What is locked",
    "preview.yml/plan/Which stacks",
    "preview.yml/plan/What their files say",
)
@pytest.mark.parametrize("of", [hub.REPOSITORY, "mallory/alys-release"])
def test_a_pull_request_is_read_without_credentials_and_a_fork_is_told_so(clone, of):
    base = changed(clone, "staging", "size: 3", "size: 4")
    pull = {"pull_request": {"base": {"sha": base}, "head": {"repo": {"full_name": of, "fork": True}}}}
    job = clone.job("preview.yml", "plan", github={"event_name": "pull_request", "event": pull})
    assert job.step(LOCKED).passed
    assert job.step("Which stacks").passed
    assert job.outputs("stacks")["include"] == '[{"stack": "staging"}]'
    done = job.step("What their files say")
    assert done.passed, done.said
    assert "a month, +$" in done.summary
    assert ("comes from a fork" in done.summary) is (of != hub.REPOSITORY)


@pytest.mark.runs("drift.yml/plan/What is locked", "drift.yml/plan/Which stacks")
def test_drift_is_looked_for_in_each_environment(clone):
    job = clone.job("drift.yml", "plan")
    assert job.step(LOCKED).passed
    assert job.step("Which stacks").passed
    found = [one["stack"] for one in json.loads(job.outputs("stacks")["include"])]
    assert found == ["canary", "production", "staging", "testnet"]


@pytest.mark.runs("migration.yml/rehearse/What was typed", "migration.yml/rehearse/What is locked")
def test_a_rehearsal_reads_what_was_typed(clone):
    assert clone.job("migration.yml", "rehearse").step(LOCKED).passed
    assert clone.job("migration.yml", "rehearse").step("What was typed").passed
    refused = clone.job("migration.yml", "rehearse", inputs={"environment": "--all"}).step("What was typed")
    assert not refused.passed


@pytest.mark.cluster
@pytest.mark.runs("migration.yml/rehearse/Rehearse", "migration.yml/rehearse/How it ended")
def test_a_rehearsal_of_what_does_not_run_says_so(checkout):
    job = checkout.job("migration.yml", "rehearse")
    assert job.step(LOCKED).passed
    assert not job.step("Rehearse").passed
    ended = job.step("How it ended")
    assert ended.passed, ended.said
    assert "release ended with 3" in ended.summary
    assert "First:  release deploy local" in ended.summary


def test_the_environments_to_choose_from_are_those_that_there_are():
    for name in ("deploy.yml", "rollback.yml", "emergency-rollback.yml", "migration.yml"):
        options = named(name).triggers["workflow_dispatch"]["inputs"]["environment"]["options"]
        assert sorted(options) == ["canary", "production", "staging", "testnet"]


def deployed(checkout) -> bool:
    job = checkout.job("deploy.yml", "deploy", matrix={"stack": "local", "version": "v1.0.0"})
    assert job.step(LOCKED).passed
    done = job.step("Release")
    assert done.passed, done.said
    checkout.commit()
    return done.passed


def kubectl(*words: str) -> None:
    subprocess.run(["kubectl", "--context", CONTEXT, *words], check=True, capture_output=True)
