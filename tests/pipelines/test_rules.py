"""What holds for every workflow of the house."""

import csv
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.pipelines.expressions import EXPRESSION
from tests.pipelines.workflows import (
    FOLDERS,
    ROOT,
    Job,
    Workflow,
    callers,
    every,
    reusable,
    steps_that_run,
)

LOCK = ROOT / ".github" / "actions.lock.tsv"
LINES_OF_SHELL = 3
# What decides something belongs into a program that has tests.
CONTROL = re.compile(r"^\s*(if|for|while|until|case|select|function)\b|\|\||&&", re.MULTILINE)
# Whoever may write anything else must not take what other runs have left in the cache.
HARMLESS_TO_WRITE = {"issues", "pull-requests", "security-events", "checks", "statuses"}
RUNNERS = {"ubuntu-24.04", "ubuntu-24.04-arm", "${{ matrix.runner }}"}
# A private endpoint is reached from inside its network alone.
OF_THE_ENVIRONMENT = re.compile(
    r"\$\{\{ vars\[format\('RUNNER_\{0\}', (?:matrix\.stack|inputs\.environment)\)\]"
    r" \|\| 'ubuntu-24\.04' \}\}"
)
ALL = pytest.mark.parametrize("workflow", every(), ids=lambda one: one.name)


def jobs_of_steps(workflow: Workflow) -> list[Job]:
    return [job for job in workflow.jobs if not job.calls]


def locked() -> list[tuple[str, str, str]]:
    with LOCK.open() as file:
        return [(row["action"], row["tag"], row["commit"]) for row in csv.DictReader(file, delimiter="\t")]


def test_there_is_something_to_look_at():
    assert all(any(workflow.path.parent == folder for workflow in every()) for folder in FOLDERS)


@ALL
def test_a_workflow_starts_with_no_right(workflow):
    assert workflow.content.get("permissions") == {}


@ALL
def test_each_job_says_which_rights_it_needs(workflow):
    for job in workflow.jobs:
        rights = job.content.get("permissions")
        assert isinstance(rights, dict), f"{job.id} says nothing about its rights"
        assert set(rights.values()) <= {"read", "write"}, job.id


@ALL
def test_nothing_runs_with_a_forks_content_and_our_rights(workflow):
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & workflow.triggers.keys()


@ALL
def test_each_job_ends(workflow):
    for job in jobs_of_steps(workflow):
        longest = 230 if job.id == "deploy.yml/deploy" else 120
        assert 0 < job.content.get("timeout-minutes", 0) <= longest, f"{job.id} has no end"


@ALL
def test_a_job_runs_on_a_known_machine(workflow):
    for job in jobs_of_steps(workflow):
        runner = job.content["runs-on"]
        assert runner in RUNNERS or OF_THE_ENVIRONMENT.fullmatch(runner), f"{job.id} runs on {runner}"


@ALL
def test_a_job_that_may_write_takes_nothing_from_the_cache(workflow):
    for job in jobs_of_steps(workflow):
        if job.may_write - HARMLESS_TO_WRITE or "environment" in job.content:
            mode = job.content.get("cache-mode") or workflow.content.get("cache-mode")
            assert mode == "none", f"{job.id} may write {sorted(job.may_write)}"


@ALL
def test_a_checkout_leaves_no_token_behind(workflow):
    for job in workflow.jobs:
        for step in job.steps:
            if step.content.get("uses", "").startswith("actions/checkout@"):
                assert step.content["with"].get("persist-credentials") == "false" or (
                    step.content["with"].get("persist-credentials") is False
                ), step.id


@ALL
def test_no_secret_is_used_that_lives_long(workflow):
    found = set(re.findall(r"secrets\.([A-Za-z_]+)", workflow.text))
    assert found <= {"GITHUB_TOKEN", "NOTIFICATION_URLS"}, "sign in with OIDC instead"


@ALL
def test_a_step_that_runs_something_has_a_name(workflow):
    names = [step.id for job in workflow.jobs for step in job.steps]
    assert all(not one.endswith("/") for one in names)
    assert len(names) == len(set(names)), "two steps of one job have one name"


@pytest.mark.parametrize("step", steps_that_run(), ids=lambda one: one.id)
def test_a_script_is_short_and_decides_nothing(step):
    lines = [line for line in step.run.splitlines() if line.strip()]
    assert len(lines) <= LINES_OF_SHELL, f"{len(lines)} lines: put them into ci/"
    assert not CONTROL.search(step.run), "a decision: put it into ci/, with a test"


@pytest.mark.parametrize("step", steps_that_run(), ids=lambda one: one.id)
def test_a_script_gets_its_values_from_the_environment(step):
    assert not EXPRESSION.search(step.run), "whoever can set this value can run anything"


@ALL
def test_an_input_is_a_variable_whose_shape_is_checked(workflow):
    """The first step that reads inputs is `ci.inputs`, or a program that checks what it reads itself."""
    checks_itself = {"image.yml/plan/What it is called"}
    for job in jobs_of_steps(workflow):
        named = {
            name
            for content in (job.content, *(step.content for step in job.steps))
            for name, value in (content.get("env") or {}).items()
            if re.search(r"\binputs\.", str(value))
        }
        readers = [step for step in job.steps if step.run and any(f"${name}" in step.run for name in named)]
        checked = [step for step in job.steps if step.run and "-m ci.inputs" in step.run]
        users = [
            step
            for step in job.steps
            if step.run
            and re.search(r"\binputs\.", str(step.content.get("env")))
            and step.id not in checks_itself
        ]
        if readers or users:
            assert checked, f"{job.id} reads {sorted(named)} and checks nothing"
            first = min(job.steps.index(step) for step in [*readers, *users])
            assert job.steps.index(checked[0]) <= first, f"{job.id} reads an input before it is checked"
            said = checked[0].run
            assert all(f"{name}=" in said for name in named), f"{job.id} checks not all of {sorted(named)}"


@ALL
def test_a_job_that_reaches_an_environment_leaves_the_record_to_release(workflow):
    """`environment` makes a deployment of its own otherwise, and one that says nothing of the version."""
    for job in jobs_of_steps(workflow):
        if "environment" in job.content:
            assert job.content["environment"].get("deployment") is False, job.id


@ALL
def test_no_change_of_an_environment_is_cut_off(workflow):
    for job in jobs_of_steps(workflow):
        group = job.content.get("concurrency")
        if "environment" in job.content and group:
            assert group["cancel-in-progress"] is False, job.id
        if job.name in {"deploy", "rollback"}:
            assert group, f"{job.id} can run twice at once"


@ALL
def test_an_action_is_named_by_commit_and_tag(workflow):
    for use in workflow.uses:
        if not use.local:
            assert (use.action, use.comment, use.commit) in locked(), f"{use.what} # {use.comment}"


def test_every_line_of_the_lock_is_used():
    used = {(use.action, use.comment, use.commit) for workflow in every() for use in workflow.uses}
    assert [one for one in locked() if one not in used] == []


def test_the_lock_is_sorted_and_names_no_action_twice():
    names = [action for action, _, _ in locked()]
    assert names == sorted(set(names))


def test_every_use_is_seen_as_one():
    """Else one that is written in another way would be compared with nothing."""
    for workflow in every():
        steps = [step for job in workflow.jobs for step in job.steps if "uses" in step.content]
        calls = [job for job in workflow.jobs if job.calls]
        assert len(workflow.uses) == len(steps) + len(calls), workflow.name


@pytest.mark.parametrize(
    "workflow", [w for w in every() if "conclusion" in w.content["jobs"]], ids=lambda w: w.name
)
def test_a_conclusion_is_reached_whatever_happened(workflow):
    """A job that is not needed for it has to come after it, and none that is may be skipped."""
    conclusion = workflow.job("conclusion")
    assert conclusion.content["if"] == "${{ always() }}"
    before = {job.name for job in workflow.jobs if job.name != "conclusion" and "conclusion" not in job.needs}
    assert conclusion.needs == before
    assert conclusion.step("Every job succeeded").run == "python3 -m ci.conclusion"
    for job in (workflow.job(name) for name in before):
        assert "if" not in job.content, f"{job.id} may be skipped: put the condition on its steps"
        assert "continue-on-error" not in job.content, job.id


@pytest.mark.parametrize("workflow", callers(), ids=lambda one: one.name)
def test_a_caller_calls_and_does_nothing_else(workflow):
    for job in workflow.jobs:
        assert re.fullmatch(r"\./\.github/workflows/[a-z-]+\.yml", job.calls or ""), job.id
        assert (ROOT / job.calls).is_file(), job.calls
    assert "concurrency" in workflow.content


@pytest.mark.parametrize("workflow", callers(), ids=lambda one: one.name)
def test_a_caller_grants_what_is_asked_for_and_no_more(workflow):
    for job in workflow.jobs:
        called = next(one for one in every() if one.path == ROOT / Path(job.calls))
        asked = {}
        for inner in called.jobs:
            for scope, access in inner.content["permissions"].items():
                asked[scope] = "write" if "write" in (access, asked.get(scope)) else access
        assert job.content["permissions"] == asked, (
            f"{job.id} grants other rights than {called.name} asks for"
        )


def test_a_called_workflow_runs_the_programs_of_its_own_commit():
    for workflow in reusable():
        for job in jobs_of_steps(workflow):
            ours = [
                step.content["with"]
                for step in job.steps
                if step.content.get("with", {}).get("path") == "alys-release"
            ]
            uses = any("ci." in (step.run or "") or "/ci/" in (step.run or "") for step in job.steps)
            assert bool(ours) >= uses, f"{job.id} runs programs that it has not checked out"
            for one in ours:
                assert one["repository"] == "${{ job.workflow_repository }}"
                assert one["ref"] == "${{ job.workflow_sha }}"


def test_updates_wait_a_week_and_leave_nothing_out():
    """Each folder with a manifest is looked after."""
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert all(one["cooldown"]["default-days"] >= 7 for one in updates)
    looked_after = {
        (one["package-ecosystem"], folder.relative_to(ROOT).as_posix())
        for one in updates
        for pattern in one.get("directories", [one.get("directory")])
        for folder in (ROOT.glob(pattern.strip("/")) if pattern != "/" else [ROOT])
    }
    kinds = {
        "uv.lock": "uv",
        "Cargo.lock": "cargo",
        "go.mod": "gomod",
        "package-lock.json": "npm",
        "Dockerfile": "docker",
    }
    tracked = [Path(line) for line in _tracked()]
    manifests = {(kinds[path.name], path.parent.as_posix()) for path in tracked if path.name in kinds}
    without_requirements = {
        ("gomod", "local/build/pause"),
        ("gomod", "tests/local/cluster/probe"),
        ("gomod", "tests/local/plugins/task"),
    }
    assert manifests - looked_after - without_requirements == set()


def _tracked() -> list[str]:
    return subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
