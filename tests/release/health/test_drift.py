"""A change by hand in the cluster (fault 26), told from what the API fills in by itself."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.health.drift import besides_history, by_hand
from release.past.identity import Identity

IMAGE = "localhost:5055/alys/node:v1.0.0@sha256:" + "a" * 64
MADE = {
    "kind": "StatefulSet",
    "metadata": {"name": "alys-node"},
    "spec": {
        "replicas": 4,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 3}},
        "template": {
            "metadata": {"labels": {"alys.network/version": "v1.0.0"}},
            "spec": {
                "containers": [
                    {
                        "name": "node",
                        "image": IMAGE,
                        "env": [{"name": "RUST_LOG", "value": "info"}],
                        "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}},
                        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    }
                ],
                "hostNetwork": False,
                "nodeSelector": {},
            },
        },
    },
}


def there():
    """As the API shows it: amounts in its own form, defaults filled in, empty things left out."""
    live = copy.deepcopy(MADE)
    live["spec"]["revisionHistoryLimit"] = 10
    live["spec"]["podManagementPolicy"] = "Parallel"
    pod = live["spec"]["template"]["spec"]
    del pod["hostNetwork"], pod["nodeSelector"]
    pod["dnsPolicy"] = "ClusterFirst"
    pod["containers"][0]["resources"] = {"requests": {"cpu": "500m", "memory": "1Gi"}}
    pod["containers"][0]["terminationMessagePath"] = "/dev/termination-log"
    return live


def node(live):
    return live["spec"]["template"]["spec"]["containers"][0]


def test_what_the_api_fills_in_is_no_drift():
    assert by_hand(MADE, there()) == ()


def test_kubectl_set_image_is_drift_and_both_images_are_named():
    """Fault 26."""
    live = there()
    node(live)["image"] = "localhost:5055/alys/node:v9@sha256:" + "b" * 64
    (said,) = by_hand(MADE, live)
    assert said == (
        "StatefulSet spec.template.spec.containers[node].image is "
        "localhost:5055/alys/node:v9@sha256:bbbbbbbbbbbb, and Helm made it "
        "localhost:5055/alys/node:v1.0.0@sha256:aaaaaaaaaaaa"
    )


def test_kubectl_scale_is_drift():
    """Fault 26."""
    live = there()
    live["spec"]["replicas"] = 2
    assert by_hand(MADE, live) == ("StatefulSet spec.replicas is 2, and Helm made it 4",)


def test_a_moved_partition_is_drift():
    """Fault 26."""
    live = there()
    live["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = 0
    assert by_hand(MADE, live) == (
        "StatefulSet spec.updateStrategy.rollingUpdate.partition is 0, and Helm made it 3",
    )


def test_kubectl_set_env_is_drift_also_where_it_only_adds():
    live = there()
    node(live)["env"].append({"name": "EXTRA", "value": "1"})
    assert by_hand(MADE, live) == (
        "StatefulSet spec.template.spec.containers[node].env[EXTRA] is there, and Helm made it without it",
    )


def test_what_was_taken_away_is_drift():
    live = there()
    node(live)["volumeMounts"] = []
    (said,) = by_hand(MADE, live)
    assert said.endswith(
        "volumeMounts[data] is gone, and Helm made it {'name': 'data', 'mountPath': '/data'}"
    )


def test_an_object_that_is_gone_is_drift():
    assert by_hand(MADE, None) == ("the StatefulSet that Helm made is gone",)


@pytest.mark.parametrize(("made", "is_"), [("1Gi", "1024Mi"), ("1", "1000m"), (1, "1"), ("1.5G", "1500M")])
def test_an_amount_is_the_same_however_it_is_written(made, is_):
    assert by_hand({"kind": "X", "spec": {"a": made}}, {"spec": {"a": is_}}) == ()


@pytest.mark.parametrize(("made", "is_"), [("1Gi", "1G"), ("v1", "v2"), ("1", "1m"), (True, False)])
def test_amounts_and_words_that_differ_are_told(made, is_):
    assert len(by_hand({"kind": "X", "spec": {"a": made}}, {"spec": {"a": is_}})) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_nothing_differs_from_itself(value):
    assert by_hand({"kind": "X", "spec": {"a": value}}, {"spec": {"a": value}}) == ()


@given(json_values, json_values)
def test_no_pair_of_objects_makes_it_raise(made, is_):
    by_hand({"kind": "X", "spec": {"a": made}}, {"spec": {"a": is_}})


def test_a_helm_rollback_by_hand_is_drift():
    """Fault 26."""
    v1, v2 = (Identity(version=v, digest="sha256:" + v[-1] * 64) for v in ("v1", "v2"))
    assert besides_history(v1, v2) == (
        "Helm has deployed v1@sha256:111111111111, and the newest update was to v2@sha256:222222222222",
    )
    assert besides_history(v2, v2) == ()
    assert besides_history(v2, None) == ()


def test_the_history_s_flags_say_nothing_about_the_image():
    assert besides_history(Identity(version="v1"), Identity(version="v1", flags="a" * 12)) == ()
