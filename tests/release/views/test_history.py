from hypothesis import given
from hypothesis import strategies as st

from release.past import account
from release.past.message import Note
from release.verbs.history import Told
from release.views.history import view
from tests.release.histories import back_from, entry, histories, told
from tests.release.views.pages import shown


def history(*entries, older=0):
    return Told(stack="staging", lines=account.lines(told(*entries))[::-1], older=older)


STORY = (
    entry("v1.0.0"),
    entry("v2.0.0", at=1, percent=25, note=Note(action="deploy", by="ada", step=(1, 3))),
    entry("v1.0.0", at=2, note=back_from("v2.0.0")),
    entry("v1.0.0", at=3, flags={"fast": True}, note=Note(action="deploy", by="ada")),
)


def test_the_newest_update_comes_first_with_why_below_it():
    lines = shown(view, history(*STORY))
    assert lines[0].split() == ["when", "(UTC)", "what", "who", "from", "->", "to", "pods", "ended"]
    assert lines[4].split() == [
        *("2026-11-24", "00:02", "rollback"),
        *("v2.0.0", "->", "v1.0.0", "4", "of", "4", "good"),
    ]
    assert lines[5].strip() == "gate failed"


def test_a_change_of_flags_alone_is_called_one():
    assert "v1.0.0, other" in shown(view, history(*STORY))[1]


def test_what_is_older_is_named_with_the_command_that_shows_it():
    assert "5 older:  release history staging --limit 9" in shown(view, history(*STORY, older=5))


def test_a_stack_that_was_never_updated_has_one_line():
    assert shown(view, history()) == ["staging was never updated."]


@given(histories(), st.text(st.characters(codec="ascii"), max_size=200), st.integers(80, 200))
def test_no_line_is_wider_than_80_columns_and_no_reason_is_cut(entries, reason, width):
    note = Note(action="deploy", by="somebody@a-machine-with-a-long-name.example", reason=reason)
    last = entry("v9-" + "x" * 60, at=99, note=note)
    found = history(*entries, last)
    lines = shown(view, found, width=width)
    assert all(len(line) <= width for line in lines)
    assert found.lines[0].why.replace(" ", "") in "".join(lines).replace(" ", "")


def test_colours_are_for_terminals_alone():
    assert "\x1b[" in "".join(shown(view, history(*STORY), terminal=True))
    assert "\x1b[" not in "".join(shown(view, history(*STORY)))


def test_a_secret_in_a_reason_is_hidden_also_where_it_would_be_folded():
    """Fault 27."""
    planted = "planted" * 20
    note = Note(action="deploy", reason=f"with {planted}")
    lines = shown(view, history(entry("v1", note=note)), secrets=[planted])
    assert "planted" not in "".join(lines)
    assert any("with [secret]" in line for line in lines)
