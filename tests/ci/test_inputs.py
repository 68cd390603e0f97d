import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci import inputs
from ci.report import Refusal

HOSTILE = [
    "",
    "$(id)",
    "v1;rm",
    "../../x",
    "v1\n",
    "v1\nx=1",
    "-h",
    "{{ }}",
    "a: b",
    "`id`",
    "v" * 129,
    "é",
    "v1\0",
]
GOOD = {
    "benchmark": "node",
    "commit": "0" * 40,
    "digest": "sha256:" + "a" * 64,
    "environment": "staging",
    "image": "ghcr.io/alys/node",
    "flag": "true",
    "reason": "it burns; $(see) the `chat`",
    "steps": "10,50,100",
    "version": "v2.0.0-rc.1",
}
NARROW = sorted(inputs.SHAPES.keys() - {"reason"})


def test_every_shape_has_an_example():
    assert GOOD.keys() == inputs.SHAPES.keys()
    assert {shape: inputs.wrong(shape, value) for shape, value in GOOD.items()} == dict.fromkeys(GOOD)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("shape", NARROW)
def test_what_a_shell_would_take_apart_is_refused(shape, value):
    assert inputs.wrong(shape, value) is not None


@given(st.sampled_from(NARROW), st.text())
def test_what_passes_needs_no_quotes(shape, value):
    if inputs.wrong(shape, value) is None:
        assert not set(value) & set(" \t\r\n\0'\"`$;&|<>(){}[]*?!#~\\")


@pytest.mark.parametrize("value", ["two\nlines", "a\0b", "\x1b[31m", "x" * 201])
def test_a_reason_is_one_line_of_words(value):
    """It reaches `release` as one word of the command line, through no shell."""
    assert inputs.wrong("reason", value) is not None


def test_what_may_be_left_out_is_checked_where_it_is_said():
    inputs.judge({"VERSION": "version?"}, {"VERSION": ""})
    with pytest.raises(Refusal, match="VERSION"):
        inputs.judge({"VERSION": "version?"}, {"VERSION": "$(id)"})


def test_latest_is_no_version():
    assert inputs.wrong("version", "latest") is not None


def test_the_first_wrong_value_is_named_with_its_variable():
    with pytest.raises(Refusal, match=r"^VERSION: '\$\(id\)' is not an image tag such as v1\.0\.0"):
        inputs.judge(
            {"ENVIRONMENT": "environment", "VERSION": "version"}, {"ENVIRONMENT": "a", "VERSION": "$(id)"}
        )


def test_a_long_value_is_not_repeated_whole():
    assert len(inputs.wrong("version", "x" * 10_000)) < 200


def test_an_unknown_shape_is_refused(monkeypatch):
    monkeypatch.setattr("sys.argv", ["ci.inputs", "VERSION=versoin"])
    with pytest.raises(Refusal, match="no shape is called versoin"):
        inputs.check()
