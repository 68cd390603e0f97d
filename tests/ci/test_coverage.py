import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci import coverage
from ci.coverage import Covered
from ci.report import Refusal

REPORT = """<?xml version="1.0"?><coverage><packages><package><classes>
<class filename="src/a.rs"><lines><line number="1" hits="3"/><line number="2" hits="0"/></lines></class>
<class filename="src/b.rs"><lines><line number="9" hits="1"/></lines></class>
</classes></package></packages></coverage>"""


def test_each_file_is_counted():
    assert coverage.read(REPORT) == {"src/a.rs": Covered(2, 1), "src/b.rs": Covered(1, 1)}


def test_seventy_nine_percent_is_refused_with_the_worst_file():
    files = {"src/good.rs": Covered(50, 50), "src/bad.rs": Covered(50, 29)}
    with pytest.raises(Refusal, match=r"79\.0 % .*\(79 of 100\), and 80 % are wanted.*: src/bad\.rs 58\.0 %"):
        coverage.judge(files, 80)


def test_almost_eighty_is_not_eighty():
    with pytest.raises(Refusal, match=r"79\.9 %"):
        coverage.judge({"a": Covered(10000, 7999)}, 80)


def test_eighty_is_enough():
    assert coverage.judge({"a": Covered(10000, 8000)}, 80).startswith("80.0 %")


def test_a_report_without_a_line_is_no_success():
    with pytest.raises(Refusal, match="nothing was measured"):
        coverage.judge({}, 80)


def test_a_report_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["ci.coverage", str(tmp_path / "none.xml"), "--at-least", "80"])
    with pytest.raises(Refusal, match=r"there is no report .*none\.xml"):
        coverage.check()


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1), st.integers(0, 100))
def test_the_verdict_is_exact(counts, wanted):
    files = {str(n): Covered(max(pair), min(pair)) for n, pair in enumerate(counts)}
    lines, run = sum(max(pair) for pair in counts), sum(min(pair) for pair in counts)
    try:
        coverage.judge(files, wanted)
    except Refusal:
        assert lines == 0 or run * 100 < wanted * lines
    else:
        assert lines > 0
        assert run * 100 >= wanted * lines
