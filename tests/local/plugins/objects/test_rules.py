import pytest

from local.plugins.objects.rules import replaces

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}
STATEFUL_SET = {"apiVersion": "apps/v1", "kind": "StatefulSet"}
MUTABLE = frozenset({"ConfigMap"})


def replaced(path, thing, *, mutable=frozenset()):
    return replaces(path, thing, thing, mutable=mutable)


@pytest.mark.parametrize("key", ["name", "namespace"])
def test_another_place_is_another_object(key):
    assert replaced(("metadata", key), STATEFUL_SET)


def test_labels_change_in_place():
    assert not replaced(("metadata", "labels", "a"), CONFIG_MAP)


def test_a_config_maps_data_replaces_it():
    assert replaced(("data", "a.toml"), CONFIG_MAP)


def test_a_mutable_config_maps_data_changes_in_place():
    assert not replaced(("data", "a.toml"), CONFIG_MAP, mutable=MUTABLE)


def test_an_immutable_config_map_is_replaced_even_so():
    assert replaced(("data", "a.toml"), CONFIG_MAP | {"immutable": True}, mutable=MUTABLE)


def test_a_secrets_text_replaces_it():
    assert replaced(("stringData", "password"), {"apiVersion": "v1", "kind": "Secret"})


def test_a_jobs_template_replaces_it():
    assert replaced(
        ("spec", "template", "spec", "containers", 0, "image"), {"apiVersion": "batch/v1", "kind": "Job"}
    )


@pytest.mark.parametrize("key", ["serviceName", "volumeClaimTemplates", "podManagementPolicy", "selector"])
def test_what_a_stateful_set_forbids_replaces_it(key):
    assert replaced(("spec", key), STATEFUL_SET)


@pytest.mark.parametrize("key", ["replicas", "template", "updateStrategy", "minReadySeconds"])
def test_what_a_stateful_set_allows_changes_in_place(key):
    assert not replaced(("spec", key), STATEFUL_SET)


def test_a_spec_that_appears_whole_replaces():
    """The change is then told at `spec`, above the field that forbids it."""
    assert replaced(("spec",), STATEFUL_SET)


def test_a_newer_version_of_the_same_group_is_the_same_object():
    old, new = STATEFUL_SET | {"apiVersion": "apps/v1beta2"}, STATEFUL_SET
    assert not replaces(("apiVersion",), old, new, mutable=frozenset())


def test_another_group_is_another_object():
    old, new = STATEFUL_SET | {"apiVersion": "extensions/v1beta1"}, STATEFUL_SET
    assert replaces(("apiVersion",), old, new, mutable=frozenset())


def test_the_same_kind_in_another_group_has_no_rules():
    assert not replaced(("spec", "template"), {"apiVersion": "batch.example.com/v1", "kind": "Job"})
