import pytest

from release.errors import ContactLostError, LockHeldError, RefusedError, ReleaseError, UsageError, shown
from release.outcome import Outcome


def test_an_error_says_what_where_and_how_it_is_mended():
    error = RefusedError(
        what="The tag v9 has moved", where="ghcr.io/alys/node", remedy="Pin it anew:\ndeploy v9"
    )
    assert str(error) == "The tag v9 has moved (ghcr.io/alys/node).\n  Pin it anew:\n  deploy v9"


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (ReleaseError, Outcome.REFUSED),
        (RefusedError, Outcome.REFUSED),
        (UsageError, Outcome.USAGE),
        (LockHeldError, Outcome.LOCK_HELD),
        (ContactLostError, Outcome.UNKNOWN),
    ],
)
def test_an_error_knows_the_outcome_it_ends_a_run_with(kind, outcome):
    assert kind.outcome is outcome


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "\x1b[31mred"])
def test_a_hostile_text_stays_on_one_line_and_moves_no_cursor(text):
    assert shown(text).isprintable()


def test_a_long_text_is_cut_and_its_length_said():
    assert shown("x" * 10_000) == f"'{'x' * 60}' ... (10000 characters)"
