"""Prometheus and Grafana in the cluster: the `observability` section."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from sections.values import Digest, Name, Quantity, Section

ChartVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]

AlertService = Literal["discord", "pagerduty", "slack", "webhook"]
"""Whom Alertmanager can tell; pagerduty's secret is a routing key, the others' an address."""

AlertSecrets: TypeAdapter[dict[AlertService, str]] = TypeAdapter(
    dict[AlertService, Annotated[str, Field(strict=True, min_length=1)]]
)


class Observability(Section):
    """The kube-prometheus-stack chart, pinned, with the node's dashboard."""

    version: ChartVersion = Field(default="91.4.1", description="Version of the chart.", examples=["91.4.1"])
    digest: Digest = Field(
        default="sha256:e1b65a9105560251ad78b2ef95ad806245e7311a989b60bdbb315c3878bc21d9",
        description="What that version is: `helm pull` prints it.",
        examples=["sha256:e1b65a9105560251ad78b2ef95ad806245e7311a989b60bdbb315c3878bc21d9"],
    )
    namespace: Name = Field(default="monitoring", description="Namespace of it.", examples=["monitoring"])
    retention_days: Annotated[int, Field(ge=1, le=365)] = Field(
        default=15, description="How long Prometheus keeps samples.", examples=[15]
    )
    storage: Quantity = Field(default="50Gi", description="Volume of Prometheus.", examples=["50Gi"])
