import json
import re
from pathlib import Path

from components.observability import DASHBOARD, rules
from local.definitions import MONITORS
from tests import schemas
from tests.cloud import CLUSTER, declared

CHART = "kubernetes:helm.sh/v3:Release"
NODE = Path(__file__).parents[2] / "examples" / "node" / "src"
OF_KUBELET = {"kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"}


def observability(**changes):
    return declared(cluster=CLUSTER, observability=changes)


def metrics(text):
    return set(re.findall(r"\b(?:alys|kubelet)_[a-z_]+\b", text))


def of_node():
    return metrics("\n".join(path.read_text() for path in NODE.rglob("*.rs")))


def test_the_chart_is_pinned_by_version_and_digest():
    release = observability(version="91.4.1", digest="sha256:" + "a" * 64).one(CHART).inputs
    assert release["chart"] == (
        "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack@sha256:" + "a" * 64
    )
    assert release["version"] == "91.4.1"
    assert release["atomic"] is True


def test_grafana_has_not_the_password_that_everybody_knows():
    assert observability().one(CHART).inputs["values"]["grafana"] == {"adminPassword": ""}


def test_monitors_of_the_nodes_own_chart_are_found():
    spec = observability().one(CHART).inputs["values"]["prometheus"]["prometheusSpec"]
    assert spec["serviceMonitorSelectorNilUsesHelmValues"] is False
    assert spec["ruleSelectorNilUsesHelmValues"] is False


def test_samples_are_kept_as_long_as_the_file_says():
    values = observability(retention_days=30, storage="80Gi").one(CHART).inputs["values"]
    spec = values["prometheus"]["prometheusSpec"]
    assert spec["retention"] == "30d"
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["resources"]["requests"]["storage"] == "80Gi"


def test_its_pods_run_restricted():
    namespace = observability().one("kubernetes:core/v1:Namespace")
    assert namespace.inputs["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_the_operator_takes_the_rules():
    rule = observability().one("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    schemas.validate(rule.inputs, MONITORS)


def test_rules_and_dashboard_wait_for_their_kinds():
    recording = observability()
    for kind in ("kubernetes:core/v1:ConfigMap", "kubernetes:monitoring.coreos.com/v1:PrometheusRule"):
        waited = {urn.rpartition("::")[2] for urn in recording.one(kind).depends_on}
        assert "observability-release" in waited


def test_grafana_loads_the_dashboard():
    config = observability().one("kubernetes:core/v1:ConfigMap")
    assert config.inputs["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert json.loads(config.inputs["data"]["node_dashboard.json"])["title"] == "Alys node"


def test_the_dashboard_shows_what_the_node_measures():
    shown = metrics(DASHBOARD.read_text())
    assert shown
    assert shown <= of_node() | OF_KUBELET


def test_rules_ask_for_what_is_measured_in_the_nodes_namespace():
    found = rules("alys-staging")
    asked = metrics("".join(one["expr"] for one in found))
    assert asked <= of_node() | OF_KUBELET
    assert all('namespace="alys-staging"' in one["expr"] for one in found)
