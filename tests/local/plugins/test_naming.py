import re

from hypothesis import given
from hypothesis import strategies as st

from local.plugins.naming import unique_name


@given(st.binary(max_size=32))
def test_a_made_up_name_is_the_logical_one_and_seven_digits(seed):
    assert re.fullmatch(r"node-[0-9a-f]{7}", unique_name("node", seed))


@given(st.binary(min_size=1, max_size=32))
def test_the_same_seed_gives_the_same_name(seed):
    assert unique_name("node", seed) == unique_name("node", seed)


def test_without_a_seed_two_names_differ():
    assert unique_name("node", b"") != unique_name("node", b"")
