import json
from pathlib import Path

import pytest

from ci import instructions
from ci.report import Refusal


def test_twelve_percent_more_are_refused_with_the_names():
    with pytest.raises(
        Refusal, match=r"^slower than 110% of the merge base, in instructions: parse 112\.0%$"
    ):
        instructions.judge({"parse": 1000, "digest": 500}, {"parse": 1120, "digest": 500}, 1.1)


def test_ten_percent_more_pass():
    assert "no benchmark of 1" in instructions.judge({"parse": 1000}, {"parse": 1100}, 1.1)


def test_renaming_every_benchmark_is_no_way_around():
    with pytest.raises(Refusal, match="no benchmark in common"):
        instructions.judge({"parse": 1000}, {"parse2": 9000}, 1.1)


def test_new_and_gone_ones_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    instructions.judge({"a": 1, "gone": 1}, {"a": 1, "new": 1}, 1.1)
    summary = (tmp_path / "summary").read_text()
    assert "Benchmarks that are new: new" in summary
    assert "Benchmarks that are gone: gone" in summary


@pytest.fixture
def counted(monkeypatch, tmp_path):
    """The program with counts that a test says, of the change and of its base."""

    def run(head, base):
        counts = {Path(): head, tmp_path: base}
        monkeypatch.setattr(instructions, "_counts", lambda folder, *_: counts[folder])
        chart = tmp_path / "chart.json"
        words = ["--base", str(tmp_path), "--chart", str(chart), "--", "node"]
        monkeypatch.setattr("sys.argv", ["ci.instructions", *words])
        instructions.compare()
        return json.loads(chart.read_text())

    return run


def test_a_base_without_the_target_is_nothing_to_compare_with(counted, capsys):
    assert counted({"parse": 1}, None)[0]["value"] == 1
    assert "the merge base has no bench target node" in capsys.readouterr().out


def test_a_change_without_the_target_is_refused(counted):
    with pytest.raises(Refusal, match=r"no bench target node: see docs/pipelines\.md"):
        counted(None, {"parse": 1})


def test_the_chart_is_what_github_action_benchmark_reads():
    assert json.loads(instructions.chart({"b": 2, "a": 1})) == [
        {"name": "a", "unit": "instructions", "value": 1},
        {"name": "b", "unit": "instructions", "value": 2},
    ]
