"""What the rules of both repositories and the workflows that run there ask of each other."""

from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from sections.github import Github
from sections.repository import Repository
from tests.pipelines.workflows import ROOT, callers, every, named, read


def test_what_a_merge_needs_is_a_conclusion():
    """The names of required checks are made of the caller's job and the called one's."""
    section = rules("repository")
    offered = {
        f"{job.content['name']} / {called.job('conclusion').content['name']}"
        for workflow in callers()
        if "pull_request" in workflow.triggers and "merge_group" in workflow.triggers
        for job in workflow.jobs
        for called in [read(ROOT / Path(job.calls))]
        if "conclusion" in called.content["jobs"]
    }
    assert set(section["required_checks"]) <= offered
    assert {"rust / conclusion", "security / conclusion"} <= set(section["required_checks"])


def test_what_a_merge_into_this_repository_needs_is_its_own_conclusion():
    checks = named("checks.yml")
    assert {"pull_request", "merge_group"} <= checks.triggers.keys()
    assert rules("delivery")["required_checks"] == [checks.job("conclusion").content["name"]]


def test_a_pin_that_comes_back_by_pull_request_may():
    """In each repository whose rules a stack declares and whose workflows deploy."""
    sections = [yaml.safe_load(path.read_text())["config"] for path in sorted(ROOT.glob("Pulumi.*.yaml"))]
    deploying = [Github.model_validate(one["alys:github"]) for one in sections if "alys:github" in one]
    opening = {one.repository for one in deploying if one.pin_by == "pull-request"}
    ruled = [
        Repository.model_validate(one["alys:repository"]) for one in sections if "alys:repository" in one
    ]
    assert opening & {one.repository for one in ruled}, "there is nothing to look at"
    for one in ruled:
        assert one.workflows_open_pull_requests == (one.repository in opening), one.repository


def rules(stack):
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]["alys:repository"]


def in_the_nodes_repository():
    called = {Path(job.calls) for workflow in callers() for job in workflow.jobs}
    return [read(ROOT / path) for path in called]


def in_this_repository():
    return [one for one in every() if one not in callers() and "workflow_call" not in one.triggers]


@pytest.mark.parametrize(
    ("stack", "run"), [("repository", in_the_nodes_repository), ("delivery", in_this_repository)]
)
def test_every_action_is_one_that_the_repository_allows(stack, run):
    used = {use.action for workflow in run() for use in workflow.uses if not use.local}
    others = {action for action in used if action.partition("/")[0] not in ("actions", "github")}
    allowed = rules(stack)["allowed_actions"]
    assert {a for a in others if not any(fnmatch(f"{a}@x", pattern) for pattern in allowed)} == set()
    unused = [pattern for pattern in allowed if not any(fnmatch(f"{a}@x", pattern) for a in others)]
    assert unused == [], "allowed, and not used by any pipeline"
