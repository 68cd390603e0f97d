import json
import socket

import grpc
import pytest
import yaml
from pulumi.runtime.proto import provider_pb2

from local.plugins.kubernetes import Kubernetes
from local.plugins.values import UNKNOWN, encode
from tests.local.plugins.objects.test_kubeconfig import content
from tests.local.plugins.serving import served

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}


@pytest.fixture
def plugin():
    with served(Kubernetes) as found:
        yield found


def difference(plugin, old, new):
    return plugin.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=encode(old), news=encode(new)))


def config(**changes):
    return yaml.safe_dump(content(**changes))


def test_new_credentials_for_the_same_cluster_replace_nothing(plugin):
    changed = config().replace("hush", "sesame")
    answer = difference(plugin, {"kubeconfig": config()}, {"kubeconfig": changed})
    assert list(answer.diffs) == ["kubeconfig"]
    assert list(answer.replaces) == []


def test_a_renamed_context_replaces_nothing(plugin):
    answer = difference(plugin, {"kubeconfig": config()}, {"kubeconfig": config(context="other")})
    assert list(answer.replaces) == []


def test_another_server_replaces_everything(plugin):
    answer = difference(plugin, {"kubeconfig": config()}, {"kubeconfig": config(server="https://two:6443")})
    assert list(answer.replaces) == ["kubeconfig"]


def test_another_server_under_the_same_identifier_replaces_nothing(plugin):
    old = {"kubeconfig": config(), "clusterIdentifier": "alys"}
    answer = difference(plugin, old, old | {"kubeconfig": config(server="https://two:6443")})
    assert list(answer.replaces) == []


def test_another_identifier_replaces_everything(plugin):
    answer = difference(plugin, {"clusterIdentifier": "a"}, {"clusterIdentifier": "b"})
    assert list(answer.replaces) == ["clusterIdentifier"]


def test_an_unknown_kubeconfig_replaces_everything(plugin):
    """As the official provider does: only a fixed identifier tells that it is the same cluster."""
    answer = difference(plugin, {"kubeconfig": config()}, {"kubeconfig": UNKNOWN})
    assert list(answer.replaces) == ["kubeconfig"]


def test_an_unknown_kubeconfig_under_a_fixed_identifier_replaces_nothing(plugin):
    old = {"kubeconfig": config(), "clusterIdentifier": "alys"}
    assert list(difference(plugin, old, old | {"kubeconfig": UNKNOWN}).replaces) == []


def test_another_namespace_is_only_an_update(plugin):
    assert list(difference(plugin, {"namespace": "a"}, {"namespace": "b"}).replaces) == []


def test_a_setting_that_is_not_followed_is_refused(plugin):
    request = provider_pb2.CheckRequest(news=encode({"renderYamlToDirectory": "out"}))
    answer = plugin.stub.CheckConfig(request)
    assert [failure.property for failure in answer.failures] == ["renderYamlToDirectory"]


@pytest.mark.parametrize("token", ["kubernetes:helm.sh/v4:Chart", "kubernetes:core/v1:ConfigMapPatch"])
def test_a_type_that_is_not_made_is_named_with_the_remedy(plugin, token):
    with pytest.raises(grpc.RpcError) as caught:
        plugin.check(token, "x", {})
    assert token in caught.value.details()
    assert "pulumi plugin install" in caught.value.details()


@pytest.fixture
def closed_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found.getsockname()[1]


def test_an_unreachable_cluster_is_named_with_context_and_server(plugin, closed_port):
    server = f"https://127.0.0.1:{closed_port}"
    plugin.configure(kubeconfig=config(server=server))
    with pytest.raises(grpc.RpcError) as caught:
        plugin.check("kubernetes:core/v1:ConfigMap", "c", CONFIG_MAP)
    said = caught.value.details()
    assert said.startswith("configured Kubernetes cluster is unreachable: context 'c'")
    assert server in said
    assert "refused" in said
    assert "hush" not in said


def test_a_release_on_an_unreachable_cluster_says_the_same(plugin, closed_port, tmp_path):
    plugin.configure(kubeconfig=config(server=f"https://127.0.0.1:{closed_port}"))
    release = {"name": "r", "namespace": "n", "chart": str(tmp_path)}
    with pytest.raises(grpc.RpcError, match="configured Kubernetes cluster is unreachable: context 'c'"):
        plugin.create("kubernetes:helm.sh/v3:Release", "r", release)


def test_with_delete_unreachable_what_can_not_be_reached_is_gone(plugin, closed_port):
    config_ = config(server=f"https://127.0.0.1:{closed_port}")
    plugin.configure(kubeconfig=config_, deleteUnreachable=json.dumps(True))
    assert plugin.read("kubernetes:core/v1:ConfigMap", "c", "n/c", CONFIG_MAP, CONFIG_MAP)[0] == ""
    plugin.delete("kubernetes:core/v1:ConfigMap", "c", "n/c", CONFIG_MAP, CONFIG_MAP)


def test_the_version_is_the_installed_sdks(plugin):
    from importlib.metadata import version  # noqa: PLC0415

    from google.protobuf import empty_pb2  # noqa: PLC0415

    assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == version("pulumi-kubernetes")
