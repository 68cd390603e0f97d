"""Versions that several files name, and that no update changes in all of them at once."""

import re
import tomllib

from tests.pipelines.workflows import ROOT, every

BUILDS = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]


def given(action, what):
    """What each step that uses an action gives it, by step."""
    return {
        step.id: step.content["with"].get(what)
        for workflow in every()
        for job in workflow.jobs
        for step in job.steps
        if step.content.get("uses", "").startswith(f"{action}@")
    }


def test_every_pipeline_installs_the_uv_that_make_installs():
    """Without a version it would be whichever was released last."""
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    installed = given("astral-sh/setup-uv", "version")
    assert len(installed) > 10
    assert {step: one for step, one in installed.items() if one != version} == {}


def test_what_builds_this_project_is_pinned_with_all_that_it_needs():
    """It is in no lock file, and runs where an environment's role is taken on."""
    names = {one.partition("==")[0] for one in BUILDS}
    assert [one for one in BUILDS if not re.fullmatch(r"[a-z-]+==[0-9.]+", one)] == []
    assert names >= {"hatchling", "editables", "packaging", "pathspec", "pluggy", "trove-classifiers"}


def test_every_pipeline_installs_the_pulumi_that_the_program_is_locked_to():
    """Another command line starts the program with plugins and a protocol that it was not tried with."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    (locked,) = [one["version"] for one in packages if one["name"] == "pulumi"]
    installed = given("pulumi/actions", "pulumi-version")
    assert len(installed) > 5
    assert {step: one for step, one in installed.items() if one != locked} == {}
