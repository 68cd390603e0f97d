from hypothesis import given
from hypothesis import strategies as st

from local.plugins.objects.manifest import autonamed, body, hidden, imported, outputs, refreshed, with_name
from local.plugins.values import Secret, plain

SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
json = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=3), json, max_size=4)


@given(objects, objects)
def test_what_nobody_changed_reads_as_declared(declared, added):
    """Whatever the API server adds by itself."""
    live = declared | {"status": added}
    assert refreshed(declared, live, live) == declared


@given(objects)
def test_what_is_gone_reads_as_gone(declared):
    assert refreshed(declared, declared, {}) == {}


def test_a_field_changed_by_hand_is_seen():
    declared = {"data": {"a": "1", "b": "1"}}
    assert refreshed(declared, declared, {"data": {"a": "2", "b": "1"}}) == {"data": {"a": "2", "b": "1"}}


def test_another_spelling_of_the_same_quantity_is_no_change():
    declared, live = {"cpu": "1000m"}, {"cpu": "1"}
    assert refreshed(declared, live, live) == declared


def test_a_changed_item_of_a_list_is_seen_without_its_defaults():
    declared = {"c": [{"image": "a"}]}
    before, now = {"c": [{"image": "a", "x": 1}]}, {"c": [{"image": "b", "x": 1}]}
    assert refreshed(declared, before, now) == {"c": [{"image": "b"}]}


def test_a_list_of_another_length_reads_as_it_is():
    assert refreshed({"c": [1]}, {"c": [1]}, {"c": [1, 2]}) == {"c": [1, 2]}


def test_a_secret_stays_secret_when_read():
    declared = SECRET | {"data": Secret({"a": "eA=="})}
    live = SECRET | {"data": {"a": "eQ=="}}
    assert refreshed(declared, plain(declared), live)["data"] == Secret({"a": "eQ=="})


def test_a_secrets_text_is_sent_as_data():
    """A key that leaves `stringData` would otherwise stay for ever."""
    sent = body(SECRET | {"stringData": Secret({"a": "x"}), "data": {"b": "eQ=="}})
    assert sent == SECRET | {"data": {"a": "eA==", "b": "eQ=="}}


def test_nulls_are_not_sent():
    assert body({"kind": "Pod", "spec": {"a": None, "b": [{"c": None}]}}) == {
        "kind": "Pod",
        "spec": {"b": [{}]},
    }


def test_what_a_secret_holds_is_secret_whoever_declared_it():
    hidden_ = hidden(SECRET | {"data": {"a": "eA=="}, "stringData": {"b": "x"}})
    assert hidden_["data"] == Secret({"a": "eA=="})
    assert hidden_["stringData"] == Secret({"b": "x"})


def test_a_secrets_outputs_show_nothing():
    live = SECRET | {"data": {"a": "eA=="}}
    kept = outputs(live, SECRET | {"stringData": {"a": "x"}}, "me")
    assert kept["stringData"] == Secret({"a": "x"})
    assert kept["data"] == Secret({"a": "eA=="})


def test_the_fields_owners_are_not_kept():
    live = {"kind": "Pod", "metadata": {"name": "p", "managedFields": [{"manager": "x"}]}}
    assert outputs(live, live, "me")["metadata"] == {"name": "p"}


def test_a_made_up_name_is_marked_and_keeps_the_other_annotations():
    named = with_name({"metadata": {"annotations": {"a": "b"}}}, "x-1")
    assert named["metadata"]["name"] == "x-1"
    assert named["metadata"]["annotations"]["a"] == "b"
    assert autonamed(named)
    assert not autonamed({"metadata": {"name": "x"}})


def test_an_imported_object_leaves_out_what_the_server_decides():
    live = {
        "kind": "ConfigMap",
        "metadata": {"name": "c", "uid": "1", "labels": {"a": "b"}},
        "status": {},
        "data": {},
    }
    assert imported(live) == {
        "kind": "ConfigMap",
        "metadata": {"name": "c", "labels": {"a": "b"}},
        "data": {},
    }
