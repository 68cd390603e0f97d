import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from local.plugins.differences import compare, path_text
from local.plugins.values import UNKNOWN, Secret
from tests.local.plugins.test_values import bags

DIFF = provider_pb2.PropertyDiff


def changes(old, new):
    return {path_text(path): change for path, change in compare(old, new).changes.items()}


@given(bags)
def test_nothing_differs_from_itself(bag):
    assert compare(bag, bag).changes == {}


@given(bags, bags)
def test_what_is_added_one_way_is_deleted_the_other_way(old, new):
    swapped = {"add": "delete", "delete": "add", "update": "update"}
    there, back = compare(old, new).changes, compare(new, old).changes
    assert {path: swapped[change] for path, change in there.items()} == back


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(), min_size=1, max_size=4))
def test_every_changed_value_is_told(bag):
    assert len(compare(bag, {key: value + 1 for key, value in bag.items()}).changes) == len(bag)


def test_paths_are_written_as_the_engine_reads_them():
    old = {"spec": {"containers": [{"image": "a"}]}, "data": {"a.b": "1"}}
    new = {"spec": {"containers": [{"image": "b"}]}, "data": {"a.b": "2"}}
    assert changes(old, new) == {"spec.containers[0].image": "update", 'data["a.b"]': "update"}


def test_an_item_at_the_end_of_a_list_is_added():
    assert changes({"a": [1]}, {"a": [1, 2]}) == {"a[1]": "add"}


def test_null_and_absent_are_the_same():
    assert changes({"a": None}, {}) == {}


def test_true_is_not_one():
    assert changes({"a": 1}, {"a": True}) == {"a": "update"}


def test_an_unknown_differs_from_every_value():
    assert changes({"a": "x"}, {"a": UNKNOWN}) == {"a": "update"}


def test_a_value_that_becomes_secret_does_not_differ():
    assert changes({"a": "x"}, {"a": Secret("x")}) == {}


def test_a_changed_secret_differs():
    assert changes({"a": Secret("x")}, {"a": Secret("y")}) == {"a": "update"}


def test_a_replacing_path_is_marked():
    difference = compare({"n": 1, "m": 1}, {"n": 2, "m": 2}, replaces=lambda path: path[0] == "n")
    response = difference.response()
    assert list(response.replaces) == ["n"]
    assert response.detailedDiff["n"].kind == DIFF.UPDATE_REPLACE
    assert response.detailedDiff["m"].kind == DIFF.UPDATE


@pytest.mark.parametrize("replacing", [True, False])
def test_the_old_one_goes_first_only_when_there_is_a_new_one(replacing):
    difference = compare({"n": 1}, {"n": 2}, replaces=lambda _path: replacing, delete_first=True)
    assert difference.response().deleteBeforeReplace is replacing


def test_no_change_is_said_as_such():
    assert compare({"a": 1}, {"a": 1}).response().changes == provider_pb2.DiffResponse.DIFF_NONE
