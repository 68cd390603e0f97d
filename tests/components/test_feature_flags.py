"""Flags as the node reads them."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from components.feature_flags import active_flags, feature_flags
from sections.pin import Pin

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)


def pin(version: str = "v2.0.0", **flags) -> Pin:
    return Pin.model_validate({"version": version, "flags": flags})


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_the_node_reads_what_the_stack_file_says(flags):
    assert tomllib.loads(feature_flags(pin(**flags)).toml) == flags


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_the_order_of_the_stack_file_changes_nothing(flags):
    backwards = dict(reversed(flags.items()))
    assert feature_flags(pin(**flags)) == feature_flags(pin(**backwards))


def test_a_flag_is_off_for_versions_before_its_first():
    fast = {"value": True, "since": "v2.1.0"}
    assert active_flags(pin("v2.0.9", fast_sync=fast)) == {}
    assert active_flags(pin("v2.1.0", fast_sync=fast)) == {"fast_sync": True}
    assert active_flags(pin("v10.0.0", fast_sync=fast)) == {"fast_sync": True}


def test_a_release_candidate_is_before_its_release():
    fast = {"value": True, "since": "v2.1.0"}
    assert active_flags(pin("v2.1.0-rc.1", fast_sync=fast)) == {}


def test_other_flags_have_another_digest():
    assert feature_flags(pin(a=True)).digest != feature_flags(pin(a=False)).digest


def test_a_number_keeps_its_type():
    assert feature_flags(pin(a=1, b=1.0, c="1", d=True)).toml == 'a = 1\nb = 1.0\nc = "1"\nd = true\n'
