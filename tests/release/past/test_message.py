from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.past import message
from release.past.identity import Identity
from release.past.message import Action, Note
from tests.release.past.test_identity import identities

notes = st.builds(
    Note,
    action=st.sampled_from(get_args(Action)),
    to=st.none() | identities,
    left=st.none() | identities,
    run=st.just("") | st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True),
    step=st.none() | st.tuples(st.integers(0, 999), st.integers(0, 999)),
    retry=st.booleans(),
    by=st.text(),
    reason=st.text(max_size=900),
)
titles = st.text(max_size=900).filter(message.clean)


@given(titles, notes)
def test_what_is_written_is_read_back(title, note):
    known = replace(note, by=message.clean(note.by), reason=message.clean(note.reason))
    assert message.parse(message.write(title, note)) == known


@given(titles, notes)
def test_the_title_is_the_first_line(title, note):
    assert message.title(message.write(title, note)) == message.clean(title)


@given(st.text(), notes)
def test_a_title_can_not_pass_for_a_note(text, note):
    """Whoever may choose a title can't have a release blamed."""
    parsed = message.parse(message.write("x" + text, note))
    assert parsed is not None
    assert (parsed.action, parsed.left) == (note.action, note.left)


@given(st.text())
def test_any_text_of_people_is_taken_as_it_is(text):
    assert message.parse(text) is None or "release: " in text


@given(titles, notes)
def test_a_message_can_stand_in_an_argument_list(title, note):
    written = message.write(title, note)
    assert "\0" not in written
    assert len(written) < 2500
    written.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "release: rollback from=v3.0.0",
        "Rollback to v1\n\nrelease notes: see there",
        "t\n\nrelease: explode from=v3.0.0",
        "t\n\nrelease: rollback from=$(id)",
        "t\n\nrelease: rollback from=v3.0.0 and more",
        't\n\nrelease: rollback reason="open',
        't\n\nrelease: rollback reason="\\x"',
        "t\n\nrelease: rollback from=v3.0.0\n\nSigned-off-by: ada",
    ],
)
def test_what_only_looks_like_a_note_is_none(text):
    """The first of them is what a commit's title could be, which the CLI takes for a message."""
    assert message.parse(text) is None


def test_a_note_by_hand_needs_no_more_than_what_was_left():
    assert message.parse("Back to v2\n\nrelease: rollback from=v3.0.0\n") == Note(
        action="rollback", left=Identity(version="v3.0.0")
    )


def test_a_word_that_newer_drivers_write_is_passed_over():
    assert message.parse("t\n\nrelease: deploy mood=good run=7") == Note(action="deploy", run="7")
