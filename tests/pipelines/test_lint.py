"""zizmor, actionlint with shellcheck, and the published schemas over every workflow file: no finding."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from components.github_repository import caller
from local import tools
from sections.repository import Pipelines
from tests.pipelines.workflows import ROOT, every

BIN = Path(sys.executable).parent
# Each with its reason; one that nothing needs any more is a finding too.
ACTIONLINT_IGNORES = {
    r'property "workflow_(repository|sha)" is not defined in object type': (
        "GitHub gave jobs these after actionlint 1.7.12 was released"
    ),
    r'unexpected key "cache-mode" for "job" section': "as these",
    r'unexpected key "queue" for "concurrency" section': "as these",
}
INJECTION = """
      - name: Say it
        run: echo "${{ inputs.benchmark }}"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The workflow files alone, to be broken."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copytree(ROOT / "pipelines", tmp_path / "pipelines")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


@pytest.fixture
def installed(repository: Path) -> Path:
    """The same with the callers as the node's repository gets them."""
    section = yaml.safe_load((ROOT / "Pulumi.repository.yaml").read_text())["config"]["alys:repository"]
    pipelines = Pipelines.model_validate(section["pipelines"])
    for path in (repository / "pipelines").iterdir():
        path.write_text(caller(path.read_text(), pipelines))
    return repository


def files(root: Path) -> list[str]:
    return [str(root / workflow.path.relative_to(ROOT)) for workflow in every()]


def zizmor(root: Path) -> list[str]:
    """Ids of what is found, with all of its audits but those that ask GitHub."""
    done = run(
        [BIN / "zizmor", "--offline", "--pedantic", "--format", "json", "--no-exit-codes", *files(root)]
    )
    assert done.returncode == 0, done.stderr
    return [f"{one['ident']} {one['locations'][0]['symbolic']['key']}" for one in json.loads(done.stdout)]


def actionlint(root: Path, ignores=ACTIONLINT_IGNORES) -> list[str]:
    argv = [
        tools.ensure("actionlint"),
        "-no-color",
        "-format",
        "{{json .}}",
        "-shellcheck",
        BIN / "shellcheck",
    ]
    argv += [word for pattern in ignores for word in ("-ignore", pattern)]
    done = run([*argv, *files(root)], cwd=root)
    assert done.returncode in (0, 1), done.stderr
    return [f"{one['filepath']}:{one['line']}: {one['message']}" for one in json.loads(done.stdout)]


def schema(kind: str, *paths: str | Path) -> str:
    done = run([BIN / "check-jsonschema", "--builtin-schema", f"vendor.{kind}", *paths])
    return "" if done.returncode == 0 else done.stdout


def run(argv, **more):
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    words = [str(word) for word in argv]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=environment, **more)


def add_to(file: Path, text: str) -> None:
    """Into the job that measures."""
    before, merge_base, after = file.read_text().partition("      - name: Merge base\n")
    assert merge_base
    file.write_text(before + text.lstrip("\n") + merge_base + after)


def test_zizmor_finds_nothing(installed):
    assert zizmor(installed) == []


def test_zizmor_sees_an_input_in_a_script(installed):
    add_to(installed / ".github/workflows/benchmarks.yml", INJECTION)
    assert any(one.startswith("template-injection") for one in zizmor(installed))


def test_zizmor_looks_at_the_callers_too(installed):
    file = installed / "pipelines/ci.yml"
    file.write_text(file.read_text().replace("  merge_group:", "  pull_request_target:"))
    assert any(one.startswith("dangerous-triggers") for one in zizmor(installed))


def test_actionlint_finds_nothing():
    assert actionlint(ROOT) == []


def test_every_ignored_message_of_actionlint_is_needed():
    for pattern in ACTIONLINT_IGNORES:
        others = {other: why for other, why in ACTIONLINT_IGNORES.items() if other != pattern}
        assert actionlint(ROOT, others), f"nothing says {pattern!r} any more"


def test_actionlint_sees_a_call_that_its_workflow_does_not_know(repository):
    file = repository / "pipelines/benchmarks.yml"
    file.write_text(file.read_text() + "    with:\n      benchmrk: node\n")
    assert any("benchmrk" in one for one in actionlint(repository))


def test_actionlint_asks_shellcheck(repository):
    add_to(repository / ".github/workflows/benchmarks.yml", "      - name: x\n        run: cd $HOME/$1\n")
    assert any("shellcheck" in one for one in actionlint(repository))


def test_the_workflows_are_as_their_schema_says():
    assert schema("github-workflows", *files(ROOT)) == ""


def test_dependabot_is_as_its_schema_says():
    assert schema("dependabot", ROOT / ".github/dependabot.yml") == ""


def test_the_schema_sees_an_unknown_key(repository):
    file = repository / "pipelines/ci.yml"
    file.write_text(file.read_text() + "    tiemout: 3\n")
    assert "tiemout" in schema("github-workflows", file)
