"""What finds the pods, and what may reach them."""

from typing import Any

import pytest

from tests.chart.cases import LOCAL, MONITORING, PRODUCTION
from tests.chart.rendering import NAMESPACE, Chart, Manifest, only

PEERS = "alys-node-peers"
SMOKE_TEST = "alys-node-smoke-test"


@pytest.fixture(scope="module")
def manifests(chart: Chart) -> list[Manifest]:
    return chart.render(PRODUCTION, api_versions=MONITORING)


def node_labels(manifests: list[Manifest]) -> dict[str, str]:
    return only(manifests, "StatefulSet")["spec"]["template"]["metadata"]["labels"]


def selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def test_everything_that_selects_nodes_selects_these(manifests: list[Manifest]) -> None:
    labels = node_labels(manifests)
    assert labels["app.kubernetes.io/instance"] == "alys-node"
    for service in ("alys-node", PEERS):
        assert selects(only(manifests, "Service", service)["spec"]["selector"], labels)
    for kind in ("StatefulSet", "PodDisruptionBudget"):
        assert selects(only(manifests, kind)["spec"]["selector"]["matchLabels"], labels)
    assert selects(only(manifests, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"], labels)


@pytest.mark.parametrize("kind", ["ClusterIP", "NodePort", "LoadBalancer"])
def test_clients_come_in_through_a_service_of_the_asked_type(chart: Chart, kind: str) -> None:
    found = only(chart.render({**LOCAL, "service": {"type": kind, "port": 90}}), "Service")["spec"]
    assert found["type"] == kind
    assert found["ports"] == [{"name": "http", "port": 90, "targetPort": "http"}]


def test_pods_have_names_before_they_are_ready(manifests: list[Manifest]) -> None:
    found = only(manifests, "Service", PEERS)["spec"]
    assert (found["clusterIP"], found["publishNotReadyAddresses"]) == ("None", True)
    assert only(manifests, "StatefulSet")["spec"]["serviceName"] == PEERS


def test_one_pod_at_a_time_is_evicted_and_a_broken_one_always(manifests: list[Manifest]) -> None:
    found = only(manifests, "PodDisruptionBudget")["spec"]
    assert (found["maxUnavailable"], found["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def rules(policy: Manifest, direction: str, end: str) -> list[tuple[Any, Any]]:
    return [(rule.get(end), rule.get("ports")) for rule in policy["spec"].get(direction, [])]


def test_by_default_anybody_reaches_the_http_port_and_nodes_reach_each_other(chart: Chart) -> None:
    manifests = chart.render(LOCAL)
    policy, nodes = only(manifests, "NetworkPolicy"), only(manifests, "StatefulSet")["spec"]["selector"]
    assert rules(policy, "ingress", "from") == [
        (None, [{"port": "http"}]),
        ([{"podSelector": nodes}], None),
    ]


def test_with_peers_named_only_they_the_smoke_test_and_nodes_come_in(manifests: list[Manifest]) -> None:
    smoke = only(manifests, "NetworkPolicy", SMOKE_TEST)["spec"]["podSelector"]
    (outside, _), (nodes, _) = rules(only(manifests, "NetworkPolicy"), "ingress", "from")
    assert outside == [*PRODUCTION["networkPolicy"]["ingressFrom"], {"podSelector": smoke}]
    assert nodes == [{"podSelector": only(manifests, "StatefulSet")["spec"]["selector"]}]


def test_nodes_get_out_to_dns_each_other_and_where_it_was_allowed(manifests: list[Manifest]) -> None:
    nodes = {"podSelector": only(manifests, "StatefulSet")["spec"]["selector"]}
    assert rules(only(manifests, "NetworkPolicy"), "egress", "to") == [
        (None, [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]),
        ([nodes], None),
        (None, [{"port": 30303, "protocol": "TCP"}]),
    ]


def test_nobody_reaches_the_smoke_test_and_it_reaches_only_nodes(manifests: list[Manifest]) -> None:
    policy = only(manifests, "NetworkPolicy", SMOKE_TEST)
    labels = only(manifests, "Pod", SMOKE_TEST)["metadata"]["labels"]
    assert selects(policy["spec"]["podSelector"]["matchLabels"], labels)
    assert rules(policy, "ingress", "from") == []
    nodes = {"podSelector": only(manifests, "StatefulSet")["spec"]["selector"]}
    assert [to for to, _ in rules(policy, "egress", "to")] == [None, [nodes]]


def test_what_is_not_allowed_is_denied_both_ways(manifests: list[Manifest]) -> None:
    policies = [m["spec"]["policyTypes"] for m in manifests if m["kind"] == "NetworkPolicy"]
    assert policies == [["Ingress", "Egress"], ["Ingress", "Egress"]]


def test_policies_can_be_left_out(chart: Chart) -> None:
    manifests = chart.render({**LOCAL, "networkPolicy": {"enabled": False}})
    assert "NetworkPolicy" not in {m["kind"] for m in manifests}


def test_the_monitor_watches_each_pod_once(manifests: list[Manifest]) -> None:
    monitor = only(manifests, "ServiceMonitor")
    services = [m for m in manifests if m["kind"] == "Service"]
    watched = [
        s["metadata"]["name"]
        for s in services
        if selects(monitor["spec"]["selector"]["matchLabels"], s["metadata"]["labels"])
    ]
    assert watched == [PEERS]
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s"}]
    assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_alerts_watch_the_gates_metrics_in_this_namespace(manifests: list[Manifest]) -> None:
    (group,) = only(manifests, "PrometheusRule")["spec"]["groups"]
    expressions = [rule["expr"] for rule in group["rules"]]
    for metric in (
        "alys_migration_errors_total",
        "alys_migration_rollbacks_total",
        "alys_actor_restarts_total",
        "alys_sync_blocks_per_second",
    ):
        assert any(f'{metric}{{namespace="{NAMESPACE}"}}' in expression for expression in expressions), metric
    assert any(f'up{{namespace="{NAMESPACE}",job="{PEERS}"}}' in expression for expression in expressions)
