"""Every step of the benchmarks, on a repository of two commits of the sample node."""

import json
import shutil

import pytest

from tests.pipelines import machine
from tests.pipelines.runner import job
from tests.pipelines.workspace import HERE, Workspace, bare, commit, git

pytestmark = [pytest.mark.cargo, pytest.mark.timeout(1200)]

BENCHMARK = "benches/node.rs"
MERGE_BASE = "benchmarks.yml/measure/Merge base"
INSTRUCTIONS = "benchmarks.yml/measure/Instructions"
WALL_CLOCK = "benchmarks.yml/measure/Wall clock"


@pytest.fixture
def change(node):
    """A clone of the node whose change is measured; in one place, where cargo knows it again."""
    root = HERE / "change"
    shutil.rmtree(root, ignore_errors=True)
    workspace = bare(root)
    workspace.node.rmdir()
    git(root, "clone", "--quiet", str(node.node), "node")
    return workspace


def measured(workspace: Workspace, base: str, **inputs: str):
    """The job, with the merge base checked out."""
    event = {"pull_request": {"base": {"sha": base}}}
    github = {"event_name": "pull_request", "event": event}
    run = job(
        "benchmarks.yml", "measure", workspace.root, github=github, inputs={"benchmark": "node"} | inputs
    )
    # Without optimisation the two differ as much, and what the other tests have built serves here too.
    run.environment |= machine.valgrind() | {"PROFILE": "dev", "PAIRS": "10"}
    done = run.step("Merge base")
    assert done.passed, done.said
    return run


def base_of(workspace: Workspace) -> str:
    return git(workspace.node, "rev-parse", "HEAD").strip()


def slower(workspace: Workspace, by: str) -> str:
    """Commits a change that makes one benchmark slower; the commit before."""
    base = base_of(workspace)
    file = workspace.node / BENCHMARK
    text = file.read_text()
    assert "const FLAGS: usize = 100;" in text
    file.write_text(text.replace("const FLAGS: usize = 100;", f"const FLAGS: usize = {by};"))
    commit(workspace.node, "a slower node")
    return base


@pytest.mark.runs(MERGE_BASE, INSTRUCTIONS)
def test_a_change_that_makes_nothing_slower_passes(change):
    run = measured(change, base_of(change))
    done = run.step("Instructions")
    assert done.passed, done.said
    assert "no benchmark of 3" in done.summary
    chart = json.loads((change.node / "chart.json").read_text())
    assert {one["name"] for one in chart} == {"features", "digest", "version"}
    assert all(one["value"] > 0 for one in chart)


@pytest.mark.runs(MERGE_BASE, INSTRUCTIONS)
def test_twelve_percent_more_stop_the_step(change):
    run = measured(change, slower(change, by="112"))
    done = run.step("Instructions")
    assert not done.passed
    assert "slower than 110% of the merge base, in instructions: features 11" in done.summary
    assert "| features |" in done.summary
    assert "digest 1" not in done.said


@pytest.mark.runs(MERGE_BASE)
def test_the_base_is_where_the_change_began_and_not_what_others_did_since(change):
    """Somebody else's slower node on main is no excuse for this one's."""
    start = slower(change, by="112")
    git(change.node, "branch", "change")
    git(change.node, "checkout", "--quiet", "--detach", start)
    (change.node / "README.md").write_text("others\n")
    main = commit(change.node, "others' work")
    git(change.node, "checkout", "--quiet", "change")
    measured(change, main)
    assert git(change.root / "base", "rev-parse", "HEAD").strip() == start


@pytest.mark.runs(MERGE_BASE, WALL_CLOCK)
def test_the_same_program_is_not_found_to_be_slower(change):
    done = measured(change, base_of(change)).step("Wall clock")
    assert done.passed, done.said
    assert "| features |" in done.summary


@pytest.mark.runs(MERGE_BASE, WALL_CLOCK)
def test_thirty_times_the_work_is_seen_by_the_clock(change):
    """So much that no load of the machine that runs this can hide it."""
    done = measured(change, slower(change, by="3000")).step("Wall clock")
    assert not done.passed
    assert "by the clock: features at least " in done.said


@pytest.mark.runs(MERGE_BASE, WALL_CLOCK)
def test_a_base_without_benchmarks_is_nothing_to_compare_with(change):
    text = (change.node / "Cargo.toml").read_text()
    bench = '[[bench]]\nname = "node"\nharness = false\n'
    assert bench in text
    (change.node / "Cargo.toml").write_text(
        text.replace(bench, "").replace("[package]", "[package]\nautobenches = false")
    )
    base = commit(change.node, "before there were benchmarks")
    (change.node / "Cargo.toml").write_text(text)
    commit(change.node, "benchmarks")
    done = measured(change, base).step("Wall clock")
    assert done.passed, done.said
    assert "the merge base has no bench target node: nothing to compare with" in done.summary


@pytest.mark.runs("benchmarks.yml/measure/Input is a name", MERGE_BASE, INSTRUCTIONS)
@pytest.mark.parametrize("hostile", ["$(touch injected)", "node; touch injected", "--help", ""])
def test_an_input_is_no_command(change, hostile):
    run = measured(change, base_of(change), benchmark=hostile)
    done = run.step("Input is a name")
    assert not done.passed
    assert "BENCHMARK: " in done.said
    assert not run.step("Instructions").passed
    assert list(change.root.rglob("injected")) == []


@pytest.mark.runs("benchmarks.yml/measure/Input is a name", MERGE_BASE)
def test_a_name_is_one(change):
    assert measured(change, base_of(change)).step("Input is a name").passed
