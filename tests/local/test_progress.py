import pytest

from local import progress


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.42, "0.4 s"), (12, "12 s"), (59.6, "1 min 0 s"), (252, "4 min 12 s")]
)
def test_seconds_are_said_as_people_say_them(seconds, words):
    assert progress.duration(seconds) == words


def test_a_step_says_what_is_done_and_for_how_long(capsys):
    with progress.step("building pulumi", "5 min"):
        pass
    assert capsys.readouterr().out == "building pulumi, about 5 min ... done in 0.0 s\n"


def test_a_step_that_fails_says_so(capsys):
    with pytest.raises(ValueError, match="no"), progress.step("building"):
        raise ValueError("no")
    assert "building ... failed after" in capsys.readouterr().out
