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
    "version": "v2.0.0-rc.1",
}


def test_every_shape_has_an_example():
    assert GOOD.keys() == inputs.SHAPES.keys()
    assert {shape: inputs.wrong(shape, value) for shape, value in GOOD.items()} == dict.fromkeys(GOOD)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("shape", inputs.SHAPES)
def test_what_a_shell_would_take_apart_is_refused(shape, value):
    assert inputs.wrong(shape, value) is not None


@given(st.sampled_from(sorted(inputs.SHAPES)), st.text())
def test_what_passes_needs_no_quotes(shape, value):
    if inputs.wrong(shape, value) is None:
        assert not set(value) & set(" \t\r\n\0'\"`$;&|<>(){}[]*?!#~\\")


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
