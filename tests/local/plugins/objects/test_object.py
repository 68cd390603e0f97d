import threading
from pathlib import Path

import grpc
import pytest
import yaml
from pulumi.runtime.proto import provider_pb2

from local.plugins.values import UNKNOWN, Secret, decode
from tests.local.plugins.serving import init_failed

pytestmark = pytest.mark.cluster

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
JOB = "kubernetes:batch/v1:Job"
NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"


def config_map(namespace, *, name="settings", **more):
    metadata = {"namespace": namespace} | ({"name": name} if name else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}} | more


def job(namespace, image, *arguments):
    container = {"name": "task", "image": image, "args": list(arguments)}
    spec = {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}
    metadata = {"name": "task", "namespace": namespace}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def test_an_object_is_made_read_changed_and_deleted(kubernetes, namespace, kubectl_in):
    inputs, _ = kubernetes.check(CONFIG_MAP, "c", config_map(namespace))
    id_, made = kubernetes.create(CONFIG_MAP, "c", inputs)
    assert id_ == f"{namespace}/settings"
    assert made["metadata"]["uid"]

    changed = inputs | {"data": {"b": "2"}}
    updated = kubernetes.update(CONFIG_MAP, "c", id_, made, inputs, changed)
    assert updated["data"] == {"b": "2"}

    kubernetes.delete(CONFIG_MAP, "c", id_, updated, changed)
    assert kubernetes.read(CONFIG_MAP, "c", id_, updated, changed)[0] == ""
    assert "settings" not in kubectl_in("get", "configmaps", "--output=name")


def test_a_name_is_made_up_and_kept(kubernetes, namespace):
    inputs, _ = kubernetes.check(CONFIG_MAP, "my-map", config_map(namespace, name=None))
    name = inputs["metadata"]["name"]
    assert name.startswith("my-map-")
    again, _ = kubernetes.check(CONFIG_MAP, "my-map", config_map(namespace, name=None), olds=inputs)
    assert again["metadata"]["name"] == name


def test_the_namespace_is_the_contexts_own(kubernetes):
    inputs, _ = kubernetes.check(CONFIG_MAP, "c", config_map(None) | {"metadata": {"name": "c"}})
    assert inputs["metadata"]["namespace"]


def test_a_cluster_wide_kind_gets_no_namespace(kubernetes):
    inputs, _ = kubernetes.check(
        NAMESPACE, "n", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    )
    assert "namespace" not in inputs["metadata"]


def test_a_fixed_name_is_deleted_before_its_replacement(kubernetes, namespace):
    old = config_map(namespace)
    answer = kubernetes.diff(CONFIG_MAP, "c", "id", old, old | {"data": {"a": "2"}})
    assert list(answer.replaces) == ["data"]
    assert answer.deleteBeforeReplace


def test_a_made_up_name_is_replaced_first(kubernetes, namespace):
    old, _ = kubernetes.check(CONFIG_MAP, "c", config_map(namespace, name=None))
    answer = kubernetes.diff(CONFIG_MAP, "c", "id", old, old | {"data": {"a": "2"}})
    assert list(answer.replaces) == ["data"]
    assert not answer.deleteBeforeReplace


def test_what_already_exists_is_not_taken_over(kubernetes, namespace, kubectl_in):
    kubectl_in("create", "configmap", "settings", "--from-literal=a=by-hand")
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(CONFIG_MAP, "c", config_map(namespace))
    assert "already exists" in caught.value.details()
    assert (
        f"pulumi import --generate-code=false {CONFIG_MAP} c {namespace}/settings" in caught.value.details()
    )


def test_a_change_by_hand_is_seen_and_can_be_undone(kubernetes, namespace, kubectl_in):
    inputs = config_map(namespace, immutable=False)
    id_, made = kubernetes.create(CONFIG_MAP, "c", inputs)
    kubectl_in("patch", "configmap", "settings", "--patch", '{"data": {"a": "by hand"}}')
    _, live, _ = kubernetes.read(CONFIG_MAP, "c", id_, made, inputs)
    assert live == inputs | {"data": {"a": "by hand"}}


def test_a_field_that_somebody_else_took_is_not_taken_back_silently(kubernetes, namespace, kubectl_in):
    inputs = config_map(namespace)
    id_, made = kubernetes.create(CONFIG_MAP, "c", inputs)
    kubectl_in("patch", "configmap", "settings", "--patch", '{"data": {"a": "by hand"}}')
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.update(CONFIG_MAP, "c", id_, made, inputs, inputs | {"data": {"a": "2"}})
    assert "conflict" in caught.value.details()
    assert "pulumi.com/patchForce" in caught.value.details()


def test_unset_defaults_of_the_server_are_no_change(kubernetes, namespace, task_image):
    declared = job(namespace, task_image, "0", "0")
    declared["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    inputs, _ = kubernetes.check(JOB, "j", declared)
    id_, made = kubernetes.create(JOB, "j", inputs)
    _, live, _ = kubernetes.read(JOB, "j", id_, made, inputs)
    assert live == inputs


def test_a_secret_is_secret_in_the_state_and_plain_in_the_cluster(kubernetes, namespace, kubectl_in):
    metadata = {"name": "s", "namespace": namespace}
    given = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "hush"}}
    inputs, _ = kubernetes.check(SECRET, "s", given)
    assert inputs["stringData"] == Secret({"password": "hush"})
    id_, made = kubernetes.create(SECRET, "s", inputs)
    assert made["data"] == Secret({"password": "aHVzaA=="})
    assert kubectl_in("get", "secret", "s", "--output=jsonpath={.data.password}") == "aHVzaA=="
    _, live, _ = kubernetes.read(SECRET, "s", id_, made, inputs)
    assert live == inputs


def test_a_preview_asks_the_server_and_makes_nothing(kubernetes, namespace, kubectl_in):
    _, would_be = kubernetes.create(CONFIG_MAP, "c", config_map(namespace), preview=True)
    assert would_be["data"] == {"a": "1"}
    assert "uid" not in would_be["metadata"]
    assert "settings" not in kubectl_in("get", "configmaps", "--output=name")


def test_a_preview_tells_what_the_server_would_refuse(kubernetes, namespace):
    with pytest.raises(grpc.RpcError, match="Not-A-Name"):
        kubernetes.create(CONFIG_MAP, "c", config_map(namespace, name="Not-A-Name"), preview=True)


def test_a_preview_with_unknowns_answers_with_the_inputs(kubernetes, namespace):
    inputs = config_map(namespace, data={"a": UNKNOWN})
    assert kubernetes.create(CONFIG_MAP, "c", inputs, preview=True) == ("", inputs)


def test_a_preview_in_a_namespace_that_is_yet_to_come_is_fine(kubernetes):
    inputs = config_map("not-there-yet")
    assert kubernetes.create(CONFIG_MAP, "c", inputs, preview=True)[1]["data"] == {"a": "1"}


def test_a_kind_that_nobody_knows_is_named(kubernetes, namespace):
    inputs = {
        "apiVersion": "example.com/v1",
        "kind": "Nothing",
        "metadata": {"name": "n", "namespace": namespace},
    }
    with pytest.raises(grpc.RpcError, match=r"no kind Nothing in version example\.com/v1"):
        kubernetes.create("kubernetes:example.com/v1:Nothing", "n", inputs)


def test_a_job_is_waited_for(kubernetes, namespace, task_image):
    _, made = kubernetes.create(JOB, "j", job(namespace, task_image, "0", "0"))
    assert made["status"]["succeeded"] == 1


def test_a_job_that_fails_is_kept_with_the_reason_and_a_refresh_does_not_forgive_it(
    kubernetes, namespace, task_image
):
    inputs = job(namespace, task_image, "0", "3")
    with pytest.raises(grpc.RpcError) as created:
        kubernetes.create(JOB, "j", inputs)
    kept = init_failed(created.value)
    assert kept.id == f"{namespace}/task"
    assert "BackoffLimitExceeded" in kept.reasons[0]

    with pytest.raises(grpc.RpcError) as read:
        kubernetes.read(JOB, "j", kept.id, decode(kept.properties), inputs)
    assert list(init_failed(read.value).reasons) == list(kept.reasons)


def test_what_is_not_waited_for_may_fail_later(kubernetes, namespace, task_image):
    inputs = job(namespace, task_image, "0", "3")
    inputs["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    id_, _ = kubernetes.create(JOB, "j", inputs)
    assert id_ == f"{namespace}/task"


def test_the_wait_has_the_limit_that_the_annotation_says(kubernetes, namespace, task_image):
    inputs = job(namespace, task_image, "600", "0")
    inputs["metadata"]["annotations"] = {"pulumi.com/timeoutSeconds": "1"}
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(JOB, "j", inputs)
    assert "was not ready within 1 s" in init_failed(caught.value).reasons[0]


def test_an_interrupt_ends_the_wait(kubernetes, namespace, task_image):
    threading.Timer(1, kubernetes.cancel).start()
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(JOB, "j", job(namespace, task_image, "600", "0"))
    assert "the wait was cancelled" in init_failed(caught.value).reasons[0]


def test_a_deployment_that_can_not_start_says_what_its_pods_are_stuck_at(kubernetes, namespace):
    container = {"name": "task", "image": "localhost:5055/alys/none:1"}
    labels = {"app": "task"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    metadata = {"name": "task", "namespace": namespace}
    inputs = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(DEPLOYMENT, "d", inputs, timeout=6)
    assert "0 of 1 pods are available" in init_failed(caught.value).reasons[0]
    assert "ImagePull" in init_failed(caught.value).reasons[0]


def test_a_deletion_waits_until_the_object_is_gone(kubernetes, namespace, kubectl_in):
    inputs = config_map(namespace)
    inputs["metadata"]["finalizers"] = ["alys.network/hold"]
    id_, made = kubernetes.create(CONFIG_MAP, "c", inputs)
    release = '{"metadata": {"finalizers": null}}'
    threading.Timer(
        1, lambda: kubectl_in("patch", "configmap", "settings", "--type=merge", "-p", release)
    ).start()
    kubernetes.delete(CONFIG_MAP, "c", id_, made, inputs)
    assert kubernetes.read(CONFIG_MAP, "c", id_, made, inputs)[0] == ""


def test_what_holds_a_deletion_up_is_named(kubernetes, namespace, kubectl_in):
    inputs = config_map(namespace)
    inputs["metadata"] |= {
        "finalizers": ["alys.network/hold"],
        "annotations": {"pulumi.com/timeoutSeconds": "1"},
    }
    id_, made = kubernetes.create(CONFIG_MAP, "c", inputs)
    with pytest.raises(grpc.RpcError, match=r"finalizers: alys\.network/hold"):
        kubernetes.delete(CONFIG_MAP, "c", id_, made, inputs)
    kubectl_in("patch", "configmap", "settings", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')


def test_an_object_made_by_hand_is_imported_whole(kubernetes, namespace, kubectl_in):
    kubectl_in("create", "configmap", "settings", "--from-literal=a=1")
    request = provider_pb2.ReadRequest(
        urn=f"urn:pulumi:dev::t::{CONFIG_MAP}::c", type=CONFIG_MAP, id=f"{namespace}/settings"
    )
    inputs = decode(kubernetes.stub.Read(request).inputs)
    assert inputs == config_map(namespace)


def test_an_address_where_nothing_answers_is_given_up(kubernetes, kubeconfig):
    """A documentation address: without a limit, connecting would take minutes."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    config["clusters"][0]["cluster"]["server"] = "https://192.0.2.1:6443"
    kubernetes.configure(kubeconfig=yaml.safe_dump(config))
    with pytest.raises(grpc.RpcError, match="configured Kubernetes cluster is unreachable"):
        kubernetes.check(CONFIG_MAP, "c", config_map("n"))
