"""The phases' pipeline: phases that are left in place, by a backup, or can't be entered."""

import json
import subprocess

import pytest

from ci import phases
from local import node_image
from tests.pipelines import hub
from tests.pipelines.delivery import CONTEXT, Checkout, check_out, pulumi
from tests.pipelines.runner import JobRun, job
from tests.pipelines.workflows import ROOT
from tests.pipelines.workspace import bare

VERSION = "v2.3.0"
LOCKED, INTO, TABLE = "What is locked", "Into it and out of it", "Every phase in one table"
DOCKER = """#!/bin/sh
echo "$@" >> "$0.asked"
"""


@pytest.fixture
def clone(tmp_path):
    """These pipelines' own checkout, where no cluster is needed."""
    with hub.serving() as repository:
        yield check_out(tmp_path, repository, name="alys-release")


@pytest.fixture
def checkout(clone):
    """One with a cluster: its `.local/env` is as `make cluster` leaves it."""
    pulumi(clone, "stack", "init", "local")
    text = (ROOT / ".local" / "env").read_text()
    (clone.folder / ".local").mkdir()
    own = f"export PULUMI_BACKEND_URL=file://{clone.state}\n"
    (clone.folder / ".local" / "env").write_text(text + own)
    yield clone
    words = ["delete", "namespace", clone.namespace.name, "--ignore-not-found", "--wait=false"]
    subprocess.run(["kubectl", "--context", CONTEXT, *words], check=True, capture_output=True)


def run(clone: Checkout, name: str, **contexts) -> JobRun:
    """A job of the pipeline, with what is locked."""
    root = clone.folder.parent
    given = {
        "inputs": {"version": ""},
        "matrix": {"phase": "foundation"},
        "needs": {"plan": {"outputs": {"version": VERSION}, "result": "success"}},
        "runner": {"temp": str(root)},
        "github": {"event": {}, "event_name": "push"},
    }
    made = job("phases.yml", name, root, **(given | contexts))
    done = made.step(LOCKED)
    assert done.passed, done.said
    return made


@pytest.mark.runs(
    "phases.yml/plan/What was typed",
    "phases.yml/plan/What is locked",
    "phases.yml/plan/Which phases there are",
)
def test_each_phase_gets_a_job(clone):
    made = run(clone, "plan")
    assert made.step("What was typed").passed
    assert not run(clone, "plan", inputs={"version": "latest"}).step("What was typed").passed
    done = made.step("Which phases there are")
    assert done.passed, done.said
    assert made.outputs("plan")["version"] == VERSION
    order = phases.known(ROOT / "migration").order
    assert json.loads(made.outputs("plan")["include"]) == [{"phase": phase} for phase in order]


@pytest.mark.runs("phases.yml/phase/Image")
def test_the_nodes_own_image_is_pushed_to_the_cluster_of_the_job(tmp_path):
    """Docker is played by a program that remembers."""
    bare(tmp_path)
    (tmp_path / "alys-release").mkdir(exist_ok=True)
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    made = job("phases.yml", "phase", tmp_path, needs={"plan": {"outputs": {"version": VERSION}}})
    made.environment["PATH"] = f"{tmp_path}:/usr/bin:/bin"
    done = made.step("Image")
    assert done.passed, done.said
    build, push = (tmp_path / "docker.asked").read_text().splitlines()
    assert (
        build
        == f"build --quiet --build-arg VERSION={VERSION} --tag localhost:5055/alys/node:{VERSION} ../node"
    )
    assert push == f"push --quiet localhost:5055/alys/node:{VERSION}"


@pytest.mark.cluster
@pytest.mark.runs("phases.yml/phase/What is locked", "phases.yml/phase/Into it and out of it")
def test_a_phase_is_entered_and_left_with_every_block(checkout):
    phase = "lighthouse-migration"
    node_image.push(VERSION)
    done = run(checkout, "phase", matrix={"phase": phase}).step(INTO)
    assert done.passed, done.said
    tried = phases.read(checkout.folder.parent / f"{phase}.json")
    assert [(one.says, one.outcome) for one in tried.turns] == [
        ("released before it", "done"),
        ("into it", "done"),
        ("back, by the backup", "done"),
    ]
    for one in tried.turns[1:]:
        assert one.checks > 0
        assert one.heights
        assert one.heights[1] >= one.heights[0]


@pytest.mark.cluster
@pytest.mark.runs("phases.yml/phase/What is locked", "phases.yml/phase/Into it and out of it")
def test_a_build_whose_migration_fails_is_red_and_says_why(checkout):
    version = f"{VERSION}-migrate-fails"
    node_image.push(version, "migrate-fails")
    needs = {"plan": {"outputs": {"version": version}}}
    done = run(checkout, "phase", needs=needs).step(INTO)
    assert not done.passed
    assert "foundation: into it: rolled back" in done.said
    tried = phases.read(checkout.folder.parent / "foundation.json")
    assert [one.outcome for one in tried.turns] == ["done", "rolled back"]


@pytest.mark.runs(
    "phases.yml/conclusion/What is locked",
    "phases.yml/conclusion/Every phase in one table",
    "phases.yml/conclusion/Every job succeeded",
)
def test_one_table_has_every_phase_and_a_missing_one_is_red(clone):
    ended = {"plan": {"result": "success"}, "phase": {"result": "failure"}}
    made = run(clone, "conclusion", needs=ended)
    reports = clone.folder.parent / "reports"
    order = phases.known(ROOT / "migration").order
    for phase in order:
        file = reports / f"phase-{phase}" / f"{phase}.json"
        file.parent.mkdir(parents=True)
        well = {"says": "into it", "outcome": "done", "seconds": 41.0}
        file.write_text(json.dumps({"phase": phase, "turns": [well]}))
    done = made.step(TABLE)
    assert done.passed, done.said
    assert all(f"| {phase} | into it | done | 41 |" in done.summary for phase in order)
    (reports / "phase-complete" / "complete.json").unlink()
    missing = made.step(TABLE)
    assert not missing.passed
    assert "complete: nobody says what came of it" in missing.said
    last = made.step("Every job succeeded")
    assert not last.passed
    assert "phase (failure)" in last.said
