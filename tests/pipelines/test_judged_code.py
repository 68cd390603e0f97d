"""What the judged repository holds doesn't judge it."""

import pytest

from tests.pipelines.runner import job
from tests.pipelines.workflows import every
from tests.pipelines.workspace import bare

HOSTILE = """import sys

print("all is well")
sys.exit(0)
"""
STEPS = [
    ("rust.yml", "lint", "Compiler is pinned"),
    ("rust.yml", "coverage", "Enough of it"),
    ("benchmarks.yml", "measure", "Input is a name"),
]


@pytest.mark.parametrize("shadow", ["ci/{}.py", "ci/report.py", "json.py", "pathlib.py"])
@pytest.mark.parametrize(("workflow", "name", "step"), STEPS)
def test_a_file_of_the_node_is_taken_for_no_program_of_the_pipelines(tmp_path, workflow, name, step, shadow):
    """Python looks for modules where it is started, unless it is told not to."""
    node = bare(tmp_path).node
    run = job(workflow, name, tmp_path, inputs={"benchmark": "--help"})
    module = run.job.step(step).run.split()[2].removeprefix("ci.")
    file = node / shadow.format(module)
    file.parent.mkdir(exist_ok=True)
    (node / "ci").mkdir(exist_ok=True)
    (node / "ci" / "__init__.py").touch()
    file.write_text(HOSTILE)
    done = run.step(step)
    assert not done.passed, done.said
    assert "::error::" in done.said


@pytest.mark.parametrize("workflow", every(), ids=lambda one: one.name)
def test_programs_that_come_from_elsewhere_come_from_there_alone(workflow):
    environment = workflow.content.get("env") or {}
    assert ("PYTHONPATH" in environment) == (environment.get("PYTHONSAFEPATH") == "1")
