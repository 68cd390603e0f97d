"""The processes of the embedded cluster, in the order in which they are started."""

import sys
from dataclasses import dataclass

from local.cluster import addresses
from local.cluster.addresses import INSIDE
from local.cluster.config import CONFIG, PKI, TARGETS

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"


@dataclass(frozen=True, kw_only=True)
class Component:
    """A process, what must be there before it starts, and whose network it lives in."""

    name: str
    argv: tuple[str, ...]
    needs_api: bool = False
    needs_file: str = ""
    host_network: bool = False


# An older clone that asks a cluster for the names of its components knows of two folders.
def all_components(kubernetes: str, coredns: str, snapshots: str = "") -> tuple[Component, ...]:
    """The arguments are folders under `tools/`, named with their versions."""
    binaries = f"{INSIDE}/tools/{kubernetes}"
    return (
        Component(
            name="registry",
            argv=("docker-registry", "serve", f"{CONFIG}/registry.yml"),
        ),
        Component(
            name="forward",
            argv=(sys.executable, "-m", "local.cluster.forward"),
            host_network=True,
        ),
        Component(
            name="etcd",
            argv=(
                "etcd",
                "--name=alys",
                "--data-dir=/var/lib/etcd",
                "--listen-client-urls=http://127.0.0.1:2379",
                "--advertise-client-urls=http://127.0.0.1:2379",
                "--listen-peer-urls=http://127.0.0.1:2380",
                "--auto-compaction-retention=1",
                # What it holds may be lost with the machine's power, and with nothing less.
                "--unsafe-no-fsync",
                "--log-level=warn",
            ),
        ),
        Component(name="containerd", argv=("containerd", "--config", f"{CONFIG}/containerd.toml")),
        Component(name="kube-apiserver", argv=(f"{binaries}/kube-apiserver", *_apiserver())),
        Component(
            name="kube-controller-manager",
            needs_api=True,
            argv=(
                f"{binaries}/kube-controller-manager",
                f"--kubeconfig={PKI}/controller-manager.kubeconfig",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
                "--use-service-account-credentials=true",
                f"--root-ca-file={PKI}/ca.crt",
                f"--service-account-private-key-file={PKI}/service-accounts.key",
                f"--cluster-signing-cert-file={PKI}/ca.crt",
                f"--cluster-signing-key-file={PKI}/ca.key",
                "--kube-api-qps=100",
                "--kube-api-burst=200",
            ),
        ),
        Component(
            name="kube-scheduler",
            needs_api=True,
            argv=(
                f"{binaries}/kube-scheduler",
                f"--kubeconfig={PKI}/scheduler.kubeconfig",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
            ),
        ),
        Component(
            name="kubelet",
            needs_api=True,
            needs_file=CONTAINERD_SOCKET,
            argv=(
                f"{binaries}/kubelet",
                f"--config={CONFIG}/kubelet.json",
                f"--kubeconfig={PKI}/kubelet.kubeconfig",
                f"--hostname-override={addresses.NODE_NAME}",
                f"--node-ip={addresses.NODE}",
                "--root-dir=/var/lib/kubelet",
            ),
        ),
        Component(
            name="kube-proxy",
            needs_api=True,
            argv=(f"{binaries}/kube-proxy", f"--config={CONFIG}/proxy.json"),
        ),
        Component(
            name="coredns",
            needs_api=True,
            argv=(f"{INSIDE}/tools/{coredns}/coredns", "-conf", f"{CONFIG}/Corefile"),
        ),
        Component(
            name="volumes",
            needs_api=True,
            argv=(sys.executable, "-m", "local.cluster.volumes"),
        ),
        Component(
            name="snapshots",
            needs_api=True,
            argv=(sys.executable, "-m", "local.cluster.snapshots", f"{INSIDE}/tools/{snapshots}"),
        ),
        Component(
            name="targets",
            needs_api=True,
            argv=(sys.executable, "-m", "local.cluster.targets"),
        ),
        Component(
            name="prometheus",
            needs_file=TARGETS,
            argv=(
                "prometheus",
                f"--config.file={CONFIG}/prometheus.yml",
                # In memory: a former life's figures say nothing of a release, and can't be spoilt.
                "--storage.tsdb.path=/run/prometheus",
                "--storage.tsdb.retention.time=2h",
                "--storage.tsdb.retention.size=256MB",
                f"--web.listen-address={addresses.NODE}:{addresses.PROMETHEUS_PORT}",
                # A new pod is scraped a moment after it was named, not five seconds.
                "--scrape.discovery-reload-interval=1s",
                "--log.level=warn",
            ),
        ),
    )


def _apiserver() -> tuple[str, ...]:
    return (
        f"--advertise-address={addresses.NODE}",
        f"--secure-port={addresses.API_PORT}",
        "--etcd-servers=http://127.0.0.1:2379",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--profiling=false",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/apiserver-serving.crt",
        f"--tls-private-key-file={PKI}/apiserver-serving.key",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
        f"--kubelet-certificate-authority={PKI}/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-issuer=https://kubernetes.default.svc.{addresses.DOMAIN}",
        f"--service-account-key-file={PKI}/service-accounts.pub",
        f"--service-account-signing-key-file={PKI}/service-accounts.key",
        f"--service-cluster-ip-range={addresses.SERVICES}",
    )
