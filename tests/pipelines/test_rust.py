"""Every step of the Rust checks on the sample node: clean it passes, with a slip the right step says so."""

import os
import shutil
import subprocess
import tomllib

import pytest

from tests.pipelines import machine
from tests.pipelines.runner import job
from tests.pipelines.workflows import ROOT
from tests.pipelines.workspace import SAMPLE, Workspace, bare

# Clippy's, cargo's and the tests' own words are not ours to hold to; that they name the slip is.
EMPTY = "#[test]\nfn slip() {\n    let nothing: Vec<u8> = Vec::new();\n    assert!(nothing.len() == 0);\n}\n"
FAILS = "#[test]\nfn slip() {\n    assert_eq!(1 + 1, 3);\n}\n"
# Holds in the 256 cases that are the default, and only there.
FAILS_LATE = """use proptest::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

static CASES: AtomicU32 = AtomicU32::new(0);

proptest! {
    #[test]
    fn slip(_ in any::<u8>()) {
        prop_assert!(CASES.fetch_add(1, Ordering::Relaxed) < 5000);
    }
}
"""
TELLS = '#[test]\nfn slip() {\n    panic!("{}", std::env::var("DATABASE_URL").unwrap());\n}\n'

pytestmark = [pytest.mark.cargo, pytest.mark.timeout(1200)]


def rust(name, workspace: Workspace, **contexts):
    return job("rust.yml", name, workspace.root, **contexts)


@pytest.fixture
def with_tools(node):
    """A job of rust.yml that has installed its tools."""

    def run(name, workspace=node):
        run = rust(name, workspace)
        tools = run.step("Tools")
        assert tools.passed, tools.said
        return run

    return run


@pytest.mark.runs("rust.yml/lint/Compiler is pinned")
def test_the_compiler_is_pinned(node):
    assert rust("lint", node).step("Compiler is pinned").passed


@pytest.mark.runs("rust.yml/lint/Compiler is pinned")
def test_a_compiler_that_moves_stops_the_lint(node):
    with node.changed("rust-toolchain.toml", '"1.95.0"', '"stable"'):
        done = rust("lint", node).step("Compiler is pinned")
    assert not done.passed
    assert "::error::rust-toolchain.toml names 'stable'" in done.said
    assert "rust-toolchain.toml names 'stable'" in done.summary


@pytest.mark.runs("rust.yml/lint/Format", "rust.yml/lint/Clippy", "rust.yml/lint/Documentation")
def test_a_clean_tree_passes_the_lint(node):
    run = rust("lint", node)
    for step in ("Format", "Clippy", "Documentation"):
        done = run.step(step)
        assert done.passed, done.said


@pytest.mark.runs("rust.yml/lint/Format")
def test_a_formatting_slip_stops_the_format_step(node):
    with node.with_file("tests/slip.rs", "//! A slip.\n\n" + FAILS.replace("    assert", "  assert")):
        done = rust("lint", node).step("Format")
    assert not done.passed
    assert "tests/slip.rs:" in done.said


@pytest.mark.runs("rust.yml/lint/Clippy")
def test_a_clippy_warning_stops_the_clippy_step(node):
    with node.with_file("tests/slip.rs", "//! A slip.\n\n" + EMPTY):
        run = rust("lint", node)
        assert run.step("Format").passed
        done = run.step("Clippy")
    assert not done.passed
    assert "clippy::len-zero" in done.said
    assert "tests/slip.rs:6" in done.said


@pytest.mark.runs("rust.yml/lint/Documentation")
def test_a_link_to_nowhere_stops_the_documentation_step(node):
    with node.with_file("src/bin/slip.rs", "//! See [`nowhere`].\n\nfn main() {}\n"):
        done = rust("lint", node).step("Documentation")
    assert not done.passed
    assert "unresolved link to `nowhere`" in done.said


def oldest() -> str:
    return tomllib.loads((SAMPLE / "Cargo.toml").read_text())["package"]["rust-version"]


@pytest.mark.runs("rust.yml/oldest-compiler/Which one that is", "rust.yml/oldest-compiler/Build with it")
def test_the_oldest_compiler_is_what_the_manifest_says(node):
    """The step itself runs with the compiler of this machine: an older one comes from outside."""
    run = rust("oldest-compiler", node)
    assert run.step("Which one that is").passed
    assert run.outputs("compilers") == {"channel": "1.95.0", "oldest": oldest()}
    run.environment["RUSTUP_TOOLCHAIN"] = run.outputs("compilers")["channel"]
    done = run.step("Build with it")
    assert done.passed, done.said


@pytest.mark.runs("rust.yml/oldest-compiler/Which one that is", "rust.yml/oldest-compiler/Build with it")
def test_code_that_wants_a_newer_compiler_stops_the_step(node):
    run = rust("oldest-compiler", node)
    with node.changed("Cargo.toml", f'rust-version = "{oldest()}"', 'rust-version = "1.99"'):
        assert run.step("Which one that is").passed
        run.environment["RUSTUP_TOOLCHAIN"] = run.outputs("compilers")["channel"]
        done = run.step("Build with it")
    assert not done.passed
    assert "rustc 1.99" in done.said


@pytest.mark.runs(
    "rust.yml/unit/Tools", "rust.yml/unit/Unit tests", "rust.yml/unit/Examples in the documentation"
)
def test_a_clean_tree_passes_the_unit_tests(with_tools):
    run = with_tools("unit")
    done = run.step("Unit tests")
    assert done.passed, done.said
    assert " passed" in done.said
    assert run.step("Examples in the documentation").passed


@pytest.mark.runs("rust.yml/unit/Tools", "rust.yml/unit/Unit tests")
def test_a_failing_unit_test_stops_the_step(with_tools, node):
    slip = "//! A slip.\n\nfn main() {}\n\n#[cfg(test)]\nmod tests {\n" + FAILS + "}\n"
    with node.with_file("src/bin/slip.rs", slip):
        done = with_tools("unit").step("Unit tests")
    assert not done.passed
    assert "bin/slip tests::slip" in done.said


@pytest.mark.runs("rust.yml/integration/Tools", "rust.yml/integration/Integration tests")
def test_a_clean_tree_passes_the_integration_tests(with_tools):
    done = with_tools("integration").step("Integration tests")
    assert done.passed, done.said


@pytest.mark.runs("rust.yml/integration/Tools", "rust.yml/integration/Integration tests")
def test_a_failing_integration_test_stops_the_step_and_has_a_database(with_tools, small):
    """It fails with what it was told, so that this can be seen here, where no database is."""
    crate(small, run=5, lines=10)
    shutil.copytree(SAMPLE / ".config", small.node / ".config")
    (small.node / "tests").mkdir()
    (small.node / "tests" / "slip.rs").write_text(TELLS)
    # Without one, nextest would refuse the profile that asks for it.
    (small.node / "tests" / "properties.rs").write_text("")
    done = with_tools("integration", small).step("Integration tests")
    assert not done.passed
    assert "small::slip slip" in done.said
    assert "postgres://postgres@127.0.0.1:5432/alys_test" in done.said


@pytest.mark.runs("rust.yml/properties/Tools", "rust.yml/properties/Property tests")
def test_a_clean_tree_passes_the_property_tests(with_tools):
    done = with_tools("properties").step("Property tests")
    assert done.passed, done.said
    assert "3 tests run: 3 passed" in done.said


@pytest.mark.runs("rust.yml/properties/Tools", "rust.yml/properties/Property tests")
def test_a_property_that_fails_late_stops_the_step(with_tools, node):
    with node.with_file("tests/properties_slip.rs", "//! A slip.\n\n" + FAILS_LATE):
        done = with_tools("properties").step("Property tests")
    assert not done.passed
    assert "properties_slip slip" in done.said


@pytest.fixture
def coverage():
    """The job of rust.yml in a workspace, with tarpaulin installed."""
    folder = machine.tarpaulin()

    def run(workspace):
        run = rust("coverage", workspace)
        run.environment["PATH"] = f"{folder}:{machine.environment()['PATH']}"
        # Tarpaulin empties a folder that was built in without it.
        run.environment["CARGO_TARGET_DIR"] = str(machine.TARGET / "coverage")
        done = run.step("Measure")
        assert done.passed, done.said
        return run.step("Enough of it")

    return run


@pytest.mark.runs("rust.yml/coverage/Measure", "rust.yml/coverage/Enough of it")
def test_the_sample_node_is_covered(coverage, node):
    done = coverage(node)
    assert done.passed, done.said
    assert "| src/cli.rs |" in done.summary


def crate(workspace: Workspace, *, run: int, lines: int) -> None:
    """A crate of so many lines, of which so many are run by its one test."""
    body = {
        name: "    total += 1;\n" * count for name, count in (("run", run - 2), ("not_run", lines - run - 2))
    }
    functions = "".join(
        f"pub fn {name}(mut total: u32) -> u32 {{\n{text}    total\n}}\n" for name, text in body.items()
    )
    (workspace.node / "src").mkdir(exist_ok=True)
    (workspace.node / "Cargo.toml").write_text('[package]\nname = "small"\nedition = "2024"\n')
    (workspace.node / "Cargo.lock").write_text(
        'version = 4\n\n[[package]]\nname = "small"\nversion = "0.0.0"\n'
    )
    test = "#[test]\nfn adds() {\n    assert!(run(1) > 1);\n}\n"
    (workspace.node / "src" / "lib.rs").write_text(functions + test)


@pytest.fixture
def small(tmp_path):
    return bare(tmp_path)


@pytest.mark.runs("rust.yml/coverage/Measure", "rust.yml/coverage/Enough of it")
@pytest.mark.parametrize(("run", "passes"), [(80, True), (79, False)])
def test_seventy_nine_percent_stop_the_step(coverage, small, run, passes):
    crate(small, run=run, lines=100)
    done = coverage(small)
    assert f"{run}.0 % of the lines are run by tests ({run} of 100)" in done.summary
    assert done.passed == passes
    assert passes or "and 80 % are wanted. Least covered: src/lib.rs" in done.summary


@pytest.mark.runs("rust.yml/build/Build", "rust.yml/build/Gather")
def test_the_binaries_have_names_and_checksums(small):
    """Of a small crate: that the sample node can be built so, the cluster's image shows."""
    crate(small, run=5, lines=10)
    (small.node / "src" / "main.rs").write_text("fn main() {}\n")
    run = rust("build", small)
    for step in ("Build", "Gather"):
        done = run.step(step)
        assert done.passed, done.said
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=small.node / "dist", check=False)
    assert checked.returncode == 0
    (binary,) = (small.node / "dist").glob("small-*")
    assert binary.name.startswith(f"small-{os.uname().machine}-")
    assert f"| {binary.name} |" in done.summary


@pytest.mark.runs("rust.yml/build/Build", "rust.yml/build/Gather")
def test_what_does_not_compile_stops_the_build(small):
    crate(small, run=5, lines=10)
    (small.node / "src" / "main.rs").write_text("fn main() -> u8 {}\n")
    run = rust("build", small)
    done = run.step("Build")
    assert not done.passed
    assert "src/main.rs:1" in done.said
    shutil.rmtree(machine.TARGET / "release", ignore_errors=True)
    assert "the build left no small" in run.step("Gather").said


@pytest.mark.parametrize("result", ["success", "failure", "skipped", "cancelled"])
@pytest.mark.runs(
    "rust.yml/conclusion/Every job succeeded",
    "security.yml/conclusion/Every job succeeded",
    "image.yml/conclusion/Every job succeeded",
    "benchmarks.yml/conclusion/Every job succeeded",
    "checks.yml/conclusion/Every job succeeded",
)
def test_a_conclusion_takes_nothing_but_success_for_success(tmp_path, result):
    bare(tmp_path)
    (tmp_path / "ci").symlink_to(ROOT / "ci")
    for workflow in ("rust.yml", "security.yml", "image.yml", "benchmarks.yml", "checks.yml"):
        needs = {"one": {"result": "success"}, "other": {"result": result}}
        done = job(workflow, "conclusion", tmp_path, needs=needs).step("Every job succeeded")
        assert done.passed == (result == "success"), done.said
        assert f"| other | {result} |" in done.summary
        assert result == "success" or f"not every job succeeded: other ({result})" in done.said
