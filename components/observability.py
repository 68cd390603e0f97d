"""Prometheus and Grafana in a cluster, with the node's dashboard and the rules about its environment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap, Namespace, Secret
from pulumi_kubernetes.helm.v3 import Release
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.alerting import SECRET, alertmanager_values
from sections import observability as section
from sections.observability import AlertService

CHART = "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"
DASHBOARD = Path(__file__).parent / "node_dashboard.json"
MONITORING = "monitoring"
"""Name of the Release, and the beginning of what it makes."""
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """The pinned chart, the namespace that is watched, and who is told."""

    observability: section.Observability
    node_namespace: str
    alerts: Mapping[AlertService, Input[str]] = field(default_factory=dict[AlertService, Input[str]])


class Observability(ComponentResource):
    """The kube-prometheus-stack chart, by digest."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:Observability", name, None, opts)
        wanted = args.observability
        namespace = Namespace(
            f"{name}-namespace",
            metadata=ObjectMetaArgs(
                name=wanted.namespace, labels={"pod-security.kubernetes.io/enforce": "restricted"}
            ),
            opts=ResourceOptions(parent=self),
        )
        before: list[Resource] = [namespace]
        if args.alerts:
            # Files, because the chart's values, which say where they are, are no secret.
            before.append(
                Secret(
                    f"{name}-alerts",
                    metadata=ObjectMetaArgs(name=SECRET, namespace=wanted.namespace),
                    string_data={
                        service: Output.secret(value) for service, value in sorted(args.alerts.items())
                    },
                    opts=ResourceOptions(parent=self, depends_on=[namespace]),
                )
            )
        release = Release(
            f"{name}-release",
            name=MONITORING,
            namespace=wanted.namespace,
            # Helm refuses a version that is no longer this digest.
            chart=f"{CHART}@{wanted.digest}",
            version=wanted.version,
            values=chart_values(wanted, args.alerts),
            atomic=True,
            timeout=_TIMEOUT_SECONDS,
            opts=ResourceOptions(parent=self, depends_on=before),
        )
        inside = ResourceOptions(parent=self, depends_on=[release])
        ConfigMap(
            f"{name}-dashboard",
            metadata=ObjectMetaArgs(
                name="alys-node-dashboard", namespace=wanted.namespace, labels={"grafana_dashboard": "1"}
            ),
            data={DASHBOARD.name: DASHBOARD.read_text(encoding="utf-8")},
            opts=inside,
        )
        CustomResource(
            f"{name}-rules",
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            metadata=ObjectMetaArgs(name="alys-environment", namespace=wanted.namespace),
            spec={"groups": [{"name": "alys-environment", "rules": rules(args.node_namespace)}]},
            opts=inside,
        )
        self.register_outputs({})


def chart_values(wanted: section.Observability, alerts: Iterable[AlertService]) -> dict[str, Any]:
    """What differs from the chart's own defaults."""
    hidden = ("kubeControllerManager", "kubeEtcd", "kubeProxy", "kubeScheduler")
    return {
        "prometheus": {
            "prometheusSpec": {
                "retention": f"{wanted.retention_days}d",
                # Monitors and rules of any release count, whatever their labels.
                "serviceMonitorSelectorNilUsesHelmValues": False,
                "podMonitorSelectorNilUsesHelmValues": False,
                "ruleSelectorNilUsesHelmValues": False,
                "storageSpec": {
                    "volumeClaimTemplate": {
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": wanted.storage}},
                        }
                    }
                },
            }
        },
        "alertmanager": alertmanager_values(alerts),
        # Empty: the chart makes a random one, instead of the one that everybody knows.
        "grafana": {"adminPassword": ""},
        # It mounts the machine's own file system, which a restricted namespace refuses.
        "nodeExporter": {"enabled": False},
        # EKS runs these where nobody can scrape them.
        **{component: {"enabled": False} for component in hidden},
    }


def rules(node_namespace: str) -> list[dict[str, Any]]:
    """Alerts about the environment; those about the node come with the node's own chart."""
    inside = f'{{namespace="{node_namespace}"}}'
    free = f"kubelet_volume_stats_available_bytes{inside} / kubelet_volume_stats_capacity_bytes{inside}"
    return [
        {
            "alert": "AlysVolumeFilling",
            "expr": f"{free} < 0.1",
            "for": "10m",
            "labels": {"severity": "critical"},
            "annotations": {"summary": "{{ $labels.persistentvolumeclaim }} has less than 10 % left"},
        },
        {
            "alert": "AlysRolloutUnfinished",
            "expr": f"count(count by (version) (alys_build_info{inside})) > 1",
            "for": "6h",
            "labels": {"severity": "warning"},
            "annotations": {"summary": "Two versions have been running side by side for six hours"},
        },
    ]
