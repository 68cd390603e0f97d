import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from release import yaml_text
from release.yaml_text import Block, OddYamlError

TEXT = """\
# top
config:   # here
  # above a
  a: 1  # beside a
  b: {x: 1}
  c:
    # above x
    x: one  # beside x
    y:
      - 1

  # below c
  d: last
"""


def block(text=TEXT):
    return Block(text, yaml_text.compose(text)).within("config")


def edited(*edits, text=TEXT):
    found = block(text)
    for edit in edits:
        edit(found)
    return found.edited()


def test_a_value_changes_and_the_comment_beside_it_stays():
    assert edited(lambda b: b.put("a", 2, after=None)) == TEXT.replace("a: 1  #", "a: 2  #")


def test_a_new_entry_comes_below_the_one_it_belongs_to():
    assert edited(lambda b: b.put("new", "x", after="a")) == TEXT.replace("  b:", "  new: x\n  b:")


def test_new_entries_in_one_place_come_in_the_order_they_were_put():
    text = edited(lambda b: b.put("n1", 1, after="d"), lambda b: b.put("n2", 2, after="d"))
    assert text == TEXT + "  n1: 1\n  n2: 2\n"


def test_a_new_entry_below_one_that_goes_takes_its_place():
    text = edited(lambda b: b.remove("b"), lambda b: b.put("new", 1, after="a"))
    assert text == TEXT.replace("  b: {x: 1}\n", "  new: 1\n")


def test_an_entry_goes_and_the_comments_around_it_stay():
    assert edited(lambda b: b.remove("c")) == TEXT.replace(
        "  c:\n    # above x\n    x: one  # beside x\n    y:\n      - 1\n", ""
    )


def test_a_mapping_takes_the_place_of_a_value_and_the_other_way_round():
    text = edited(lambda b: b.put("d", {"k": {"l": True}}, after=None), lambda b: b.put("b", "x", after=None))
    assert text == TEXT.replace("  d: last\n", "  d:\n    k:\n      l: true\n").replace("{x: 1}", "x")


def test_an_empty_mapping_is_written_as_one():
    assert edited(lambda b: b.put("d", {}, after=None)) == TEXT.replace("d: last", "d: {}")


def test_an_entry_of_an_entry_can_be_edited():
    assert edited(lambda b: b.within("c").put("x", "two", after=None)) == TEXT.replace("x: one", "x: two")


@pytest.mark.parametrize(
    ("text", "new"),
    [("a: 'x'", "a: 'y z'"), ('a: "x"', 'a: "y z"'), ("a: x", 'a: "y z"')],
)
def test_quotes_stay_what_they_were(text, new):
    assert (
        edited(lambda b: b.put("a", "y z", after=None), text=f"config:\n  {text}\n") == f"config:\n  {new}\n"
    )


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), st.sampled_from([None, "'", '"'])
)
def test_any_printable_text_is_read_back_as_text(text, quote):
    line = f"a: {yaml_text.scalar(text, quote)}\n"
    assert YAML(typ="safe", pure=True).load(line) == {"a": text}


@given(st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_as_it_was(value):
    assert YAML(typ="safe", pure=True).load(f"a: {yaml_text.scalar(value)}\n") == {"a": value}


@pytest.mark.parametrize(
    "word", ["1.10", "1_000", "yes", "On", "null", "~", "v1: x", "0x10", "", "1e3", "12:30"]
)
def test_text_that_could_be_something_else_is_quoted(word):
    assert yaml_text.scalar(word) == f'"{word}"'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("config: {a: 1}\n", 1),
        ("config: text\n", 1),
        ("x: &one 1\nconfig:\n  b: 2\n  a: *one\n", 4),
        ("config:\n  a: &one 1\n", 2),
        ("config:\n  a: |\n    text\n", 2),
    ],
)
def test_odd_yaml_is_refused_and_the_line_is_named(text, line):
    with pytest.raises(OddYamlError) as raised:
        edited(lambda b: b.put("a", 2, after=None), text=text)
    assert raised.value.line == line
