import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.errors import RefusedError
from release.past import history
from release.past.identity import Identity
from release.past.message import Note
from tests.release.histories import entry, histories

CLI = (Path(__file__).parents[1] / "history.json").read_text()
"""From the CLI v3.250.0: by hand, failed, refused by the program, interrupted, back, unchanged."""


@pytest.fixture(scope="module")
def told():
    return history.read(CLI, stack="local")


def test_the_updates_of_the_cli_are_read_oldest_first(told):
    assert [(r.pin.version, r.result) for r in told] == [
        ("v1.0.0", "succeeded"),
        ("v1.0.0", "succeeded"),
        ("v2.0.0", "failed"),
        ("v2.0.0", "failed"),
        ("v2.0.0", "failed"),
        ("v2.0.0", "failed"),
        ("v1.0.0", "succeeded"),
        ("v1.0.0", "succeeded"),
    ]


def test_the_pin_is_read_with_its_flags(told):
    pin = told[0].pin
    assert (pin.version, pin.digest, pin.rollout) == ("v1.0.0", None, 100)
    assert {name: (flag.value, flag.since) for name, flag in pin.flags.items()} == {
        "max_peers": (50, None),
        "parallel_import": (True, "v2.0.0"),
    }


def test_the_phase_is_read_and_older_entries_have_none():
    before, after = history.releases([entry("v1.0.0"), entry("v1.0.0", at=1, phase="foundation")])
    assert (before.pin.phase, after.pin.phase) == (None, "foundation")
    assert before.identity != after.identity


def test_times_are_told_with_their_zone(told):
    assert told[-1].began == datetime(2026, 11, 24, 1, 22, 3, tzinfo=UTC)
    assert told[-1].ended == datetime(2026, 11, 24, 1, 22, 4, tzinfo=UTC)


def test_an_update_that_the_program_refused_did_not_try_its_release(told):
    """Its entry says `failed` like the others', but it finished with the stack alone."""
    assert [r.message for r in told if not r.tried] == ["refused by the program"]


def test_a_note_by_hand_is_read_from_the_cli_too(told):
    assert told[-2].note == Note(action="rollback", left=Identity(version="v2.0.0"), by="ada")
    assert told[-2].who == "ada"


def test_an_update_without_a_message_has_no_note(told):
    assert (told[-1].message, told[-1].note) == ("", None)


def test_the_true_share_is_shown():
    (release,) = history.releases([entry("v1", percent=10)])
    assert str(release.share) == "1 of 4 pods (25 %)"


def test_without_the_number_of_replicas_no_share_is_claimed():
    bare = entry("v1")
    del bare["config"]["alys:release"]
    assert history.releases([bare])[0].share is None


def test_a_note_about_another_release_is_not_this_update_s():
    """As when someone repeats the last message by hand."""
    stray = Note(action="rollback", to=Identity(version="v1"), left=Identity(version="v3"))
    (release,) = history.releases([entry("v2", note=stray)])
    assert release.note is None


@given(histories(), st.randoms())
def test_neither_order_nor_repetition_matters(entries, chance):
    shuffled = entries + chance.sample(entries, len(entries) // 2)
    chance.shuffle(shuffled)
    assert history.releases(shuffled) == history.releases(entries)


@given(histories(), st.integers(1, 5))
def test_the_size_of_pages_does_not_matter(entries, size):
    newest_first = entries[::-1]
    pages = [newest_first[start : start + size] for start in range(0, len(entries), size)]
    assert history.releases(e for page in pages for e in page) == history.releases(entries)


@pytest.mark.parametrize("version", ["", "latest", "a b", None, 7])
def test_an_entry_whose_pin_is_of_no_known_form_is_left_out(version):
    odd = entry("v1")
    odd["config"]["alys:version"]["value"] = version
    assert [r.pin.version for r in history.releases([odd, entry("v2", at=1)])] == ["v2"]


def test_an_update_of_a_stack_without_a_release_is_left_out():
    bare = entry("v1") | {"config": {"alys:repository": {"value": "{}", "objectValue": {}, "secret": False}}}
    assert history.releases([bare]) == ()


def test_a_secret_among_the_config_is_never_touched():
    hidden = entry("v1")
    hidden["config"]["alys:secrets"] = {"secret": True}
    assert "secrets" not in repr(history.releases([hidden]))


@pytest.mark.parametrize(
    "text", ["", "null", "{}x", "7", "[7]", '[{"kind": "update"}]', '[{"startTime": "x"}]']
)
def test_what_is_no_history_is_refused_with_the_command_to_look_at_it(text):
    with pytest.raises(RefusedError, match="pulumi stack history -s staging --json"):
        history.read(text, stack="staging")


def test_a_stack_without_updates_has_none():
    assert history.read(json.dumps([]), stack="new") == ()
