"""Every step that runs a script is run by a test, or it is said here why it can't be."""

import importlib
import pkgutil

import tests.pipelines
from tests.pipelines.workflows import steps_that_run

NOT_RUN = {
    "benchmarks.yml/measure/Install valgrind": "installs a package on a machine that is thrown away",
    "checks.yml/check/Format, lint and types": "is what `make test` does before it starts these tests",
    "checks.yml/test/Everything, with a cluster": "is `make test`, which runs these tests",
    "phases.yml/phase/Cluster": "is `make cluster` as root, which these tests' own cluster came from",
}


def run_by_tests() -> set[str]:
    """What the tests of this folder say that they run; that they do is checked when each is over."""
    found = set()
    for module in pkgutil.iter_modules(tests.pipelines.__path__, "tests.pipelines."):
        for one in vars(importlib.import_module(module.name)).values():
            marks = [mark for mark in getattr(one, "pytestmark", []) if getattr(mark, "name", "") == "runs"]
            found |= {step for mark in marks for step in mark.args}
    return found


def test_every_step_is_run_or_has_a_reason():
    assert {step.id for step in steps_that_run()} == run_by_tests() | NOT_RUN.keys()


def test_no_step_is_both():
    assert run_by_tests() & NOT_RUN.keys() == set()


def test_every_reason_is_a_sentence():
    assert all(len(reason.split()) > 5 for reason in NOT_RUN.values())
