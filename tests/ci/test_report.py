import subprocess
import sys

import pytest

from ci import report
from tests.pipelines.runner import commands


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
        (tmp_path / name).write_text("")
    return tmp_path


def test_a_value_can_not_set_another_output(files):
    report.output("version", "v1\nevil=1\nother<<x\ny\nx")
    assert commands((files / "GITHUB_OUTPUT").read_text()) == {"version": "v1\nevil=1\nother<<x\ny\nx"}


def test_a_cell_stays_in_its_cell():
    assert report.table(("a",), [("x | y\n<b>",)]).splitlines()[-1] == "| x \\| y &lt;b> |"


def test_a_variable_that_is_missing_is_named():
    with pytest.raises(report.Refusal, match="IMAGE is not set"):
        report.needed("IMAGE", {"IMAGE": ""})


def refused(files, text):
    def program():
        raise report.Refusal(text)

    with pytest.raises(SystemExit) as stopped:
        report.main(program)
    return stopped.value.code, (files / "GITHUB_STEP_SUMMARY").read_text()


def test_a_refusal_is_told_in_the_summary_too(files):
    assert refused(files, "no\nbecause") == (1, "**no**\n\nbecause\n\n")


def test_a_refusal_is_one_annotation(files, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    refused(files, "50 %\n::set-env::")
    assert capsys.readouterr().out == "::error::50 %25%0A::set-env::\n"


def test_outside_of_github_nothing_is_written(monkeypatch, capsys):
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    report.output("a", "b")
    assert capsys.readouterr().out == "a: b\n"


@pytest.mark.parametrize(
    "program",
    [
        "artifacts",
        "coverage",
        "inputs",
        "instructions",
        "manifest",
        "merge_base",
        "standing_issue",
        "wall_clock",
    ],
)
def test_a_program_says_what_it_is(program):
    """With nothing but the standard library, as on a runner."""
    argv = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; sys.path.insert(0, '.'); sys.argv = ['x', '--help']",
    ]
    argv[-1] += f"; import runpy; runpy.run_module('ci.{program}', run_name='__main__')"
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage: python3 -m ci." in done.stdout
