import pytest

from release.gates import Finding, Verdict
from release.telling import step_summary
from release.telling.notices import Notice
from release.telling.redaction import Redactor

NOTICE = Notice(title="staging: v2: rolled back", body="why\nplanted-secret-1", mood="warning")
FINDING = Finding(
    gate="error-rate", verdict=Verdict.FAIL, reason="a|b <b>c</b>", query='x{a="`|"}', value=1.0
)


def test_the_summary_is_added_to_what_is_there(tmp_path):
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    environment = {"GITHUB_STEP_SUMMARY": str(file)}
    assert step_summary.write(environment, NOTICE, [FINDING], redactor=Redactor(["planted-secret-1"]))
    assert file.read_text() == (
        "before\n"
        "### staging: v2: rolled back\n"
        "\n"
        "why  \n"
        "[secret]  \n"
        "\n"
        "| gate | verdict | why | query |\n"
        "|---|---|---|---|\n"
        '| error-rate | fail | a\\|b &lt;b>c&lt;/b> | `x{a="\'\\|"}` |\n'
    )


def test_without_gates_there_is_no_table():
    assert "|" not in step_summary.markdown(NOTICE, [])


@pytest.mark.parametrize("environment", [{}, {"GITHUB_STEP_SUMMARY": "/nowhere/at/all"}])
def test_where_there_is_no_place_for_it_nothing_happens(environment):
    assert not step_summary.write(environment, NOTICE, [], redactor=Redactor())
