"""Which Prometheus a stack's gates ask, and the way to it."""

from collections.abc import Mapping

import httpx

from release.errors import ContactLostError, RefusedError
from release.outside.cluster import Cluster
from release.outside.kube import Kube
from release.outside.prometheus import Prometheus
from settings import Settings

VARIABLE = "ALYS_PROMETHEUS"
TOKEN_VARIABLE = "ALYS_PROMETHEUS_TOKEN"  # noqa: S105  a variable's name
_SERVICE = "http:monitoring-kube-prometheus-prometheus:9090"
"""The Service that the chart of `alys:observability` makes for a release named `monitoring`."""


def prometheus(
    environment: Mapping[str, str], settings: Settings, cluster: Cluster | None, *, stack: str
) -> Prometheus:
    """The environment's, else the stack file's, else that of its `observability` section."""
    address = environment.get(VARIABLE) or settings.strategy.prometheus
    if address:
        token = environment.get(TOKEN_VARIABLE)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Prometheus(http=httpx.Client(base_url=address, headers=headers, trust_env=False))
    if settings.observability and cluster:
        path = f"/api/v1/namespaces/{settings.observability.namespace}/services/{_SERVICE}/proxy"
        transport = ThroughKube(cluster.kube, path)
        return Prometheus(http=httpx.Client(base_url="http://prometheus", transport=transport))
    raise RefusedError(
        what="There is no Prometheus to ask, and a release without gates isn't one; nothing was changed",
        where=f"Pulumi.{stack}.yaml",
        remedy="Name it:\n"
        "  config:\n"
        "    alys:strategy:\n"
        "      prometheus: http://prometheus.internal:9090\n"
        f"Or for this once:  export {VARIABLE}=http://127.0.0.1:9090",
    )


class ThroughKube(httpx.BaseTransport):
    """Reaches a Service through the cluster's API, with the cluster's own credentials: no port is opened."""

    def __init__(self, kube: Kube, path: str) -> None:
        self._kube = kube
        self._path = path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on; what the cluster can't do is a transport's error, as anywhere else."""
        try:
            status, body = self._kube.send(
                request.method,
                self._path + request.url.raw_path.decode(),
                body=request.read().decode(),
                content=request.headers.get("content-type", ""),
            )
        except ContactLostError as error:
            raise httpx.ConnectError(error.what) from error
        return httpx.Response(status, content=body)
