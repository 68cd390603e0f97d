from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from local.plugins import values
from local.plugins.values import UNKNOWN, Secret, at, conceal, decode, encode, has_unknowns, leaves, plain

texts = st.text(max_size=8).filter(lambda text: text != values.SIGNATURE)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts | st.just(UNKNOWN)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3) | inner.map(Secret),
    max_leaves=12,
)
bags = st.dictionaries(texts, trees, max_size=4)


@given(bags)
def test_values_survive_the_wire(bag):
    assert decode(encode(bag)) == bag


@given(bags)
def test_what_is_plain_holds_no_secret(bag):
    assert not any(isinstance(leaf, Secret) for leaf in leaves(plain(bag)))


@given(bags)
def test_concealing_changes_no_value(bag):
    assert plain(conceal(plain(bag), bag)) == plain(bag)


@given(bags)
def test_what_was_secret_is_secret_again(bag):
    concealed = conceal(plain(bag), bag)
    for key, value in bag.items():
        if isinstance(value, Secret):
            assert isinstance(concealed[key], Secret)


def test_one_secret_in_a_list_conceals_the_list():
    """Its items may have moved since."""
    assert conceal({"a": ["x", "y"]}, {"a": [Secret("y"), "x"]}) == {"a": Secret(["x", "y"])}


def test_a_secret_is_not_in_its_own_text():
    assert "hush" not in repr(Secret("hush"))


def test_an_unknown_deep_inside_is_found():
    assert has_unknowns({"a": [Secret({"b": UNKNOWN})]})
    assert not has_unknowns({"a": [Secret({"b": 1})]})


def test_a_path_leads_through_secrets():
    assert at({"a": Secret({"b": ["x"]})}, "a", "b", 0) == "x"


def test_a_path_into_an_unknown_is_unknown():
    assert at({"a": UNKNOWN}, "a", "b") is UNKNOWN


def test_a_path_to_nothing_is_none():
    assert at({"a": "text"}, "a", "b") is None


def test_an_output_value_is_what_it_holds():
    marked = {values.SIGNATURE: values.OUTPUT, "value": "x", "secret": True}
    assert decode(encode({"a": marked})) == {"a": Secret("x")}


def test_an_output_without_a_value_is_unknown():
    assert decode(encode({"a": {values.SIGNATURE: values.OUTPUT}})) == {"a": UNKNOWN}


def test_the_marks_are_the_sdks():
    assert rpc._special_sig_key == values.SIGNATURE
    assert rpc._special_secret_sig == values.SECRET
    assert rpc._special_output_value_sig == values.OUTPUT
