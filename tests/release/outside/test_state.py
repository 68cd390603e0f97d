"""What exists, and where the cluster is, from the state alone."""

import json

import pytest

from release.outside import state

URN = "urn:pulumi:local::alys::alys:index:NodeRelease$"


def exported(*resources, pending=()):
    return json.dumps({"version": 3, "deployment": {"resources": resources, "pending_operations": pending}})


PROVIDER = {
    "urn": "urn:pulumi:local::alys::pulumi:providers:kubernetes::cluster",
    "type": "pulumi:providers:kubernetes",
    "inputs": {"context": "alys-local"},
}
NAMESPACE = {
    "urn": f"{URN}kubernetes:core/v1:Namespace::node-namespace",
    "type": "kubernetes:core/v1:Namespace",
    "outputs": {"metadata": {"name": "alys-local", "uid": "1-2-3"}},
}
RELEASE = {
    "urn": f"{URN}kubernetes:helm.sh/v3:Release::node-release",
    "type": "kubernetes:helm.sh/v3:Release",
    "provider": f"{PROVIDER['urn']}::some-id",
    "inputs": {"values": {"chartDigest": "0123456789ab"}},
}


def test_a_stack_that_was_never_updated_has_nothing():
    empty = state.read(json.dumps({"version": 3, "deployment": {}}))
    assert not empty.released
    assert empty.namespace is None
    assert empty.context is None
    assert empty.kubeconfig is None
    assert empty.pending == ()
    assert empty.outputs == {}


def test_the_cluster_is_that_of_the_releases_own_provider():
    other = {**PROVIDER, "urn": "urn:other", "inputs": {"context": "another"}}
    found = state.read(exported(other, PROVIDER, NAMESPACE, RELEASE))
    assert found.released
    assert found.context == "alys-local"
    assert (found.namespace, found.namespace_uid) == ("alys-local", "1-2-3")
    assert found.chart_digest == "0123456789ab"


def test_a_namespace_of_another_component_is_not_the_nodes():
    other = {**NAMESPACE, "urn": "urn:pulumi:local::alys::alys:index:Observability$x::monitoring"}
    assert state.read(exported(other)).namespace is None


def test_a_secret_kubeconfig_is_not_taken_for_text():
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:"}
    provider = {**PROVIDER, "inputs": {"kubeconfig": secret}}
    assert state.read(exported(provider, RELEASE)).kubeconfig is None


def test_operations_that_were_never_finished_are_named():
    pending = [{"type": "updating", "resource": {"urn": RELEASE["urn"]}}]
    assert state.read(exported(RELEASE, pending=pending)).pending == (f"updating {RELEASE['urn']}",)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_what_is_no_export_is_an_error(text):
    """Fault 21."""
    with pytest.raises(ValueError, match=r"."):
        state.read(text)
