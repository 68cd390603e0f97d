"""What each part of the embedded cluster reads at its start."""

import json
from pathlib import Path

from local.cluster import addresses
from local.cluster.addresses import INSIDE

PKI = f"{INSIDE}/cluster/pki"
CONFIG = f"{INSIDE}/cluster/config"
# What Prometheus scrapes, written by `targets`; goes with the namespaces, as the pods do.
TARGETS = "/run/targets/pods.json"


def write(folder: Path, snapshotter: str, cgroup: str) -> None:
    """All configuration files, fresh at every start."""
    for name, text in files(snapshotter, cgroup).items():
        _write(folder / name, text)


def write_missing(folder: Path, snapshotter: str, cgroup: str) -> None:
    """Those that an older clone did not know; what the running parts have read stays."""
    for name, text in files(snapshotter, cgroup).items():
        if not (folder / name).exists():
            _write(folder / name, text)


def files(snapshotter: str, cgroup: str) -> dict[str, str]:
    """Name of each file to its text."""
    return {
        "containerd.toml": containerd(snapshotter),
        "cni/10-alys.conflist": _json(cni()),
        "kubelet.json": _json(kubelet(cgroup)),
        "proxy.json": _json(proxy()),
        "Corefile": corefile(),
        "registry.yml": _json(registry()),
        "prometheus.yml": _json(prometheus()),
        # Where pods with `dnsPolicy: Default` look, and all there is to find.
        "resolv.conf": f"nameserver {addresses.NODE}\n",
    }


def containerd(snapshotter: str) -> str:
    return f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{addresses.PAUSE_IMAGE}"
# Without CAP_SYS_RESOURCE (a container, some virtual machines) a score can't be lowered.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "{snapshotter}"

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{addresses.PARTS}/usr/lib/cni"
conf_dir = "{CONFIG}/cni"
"""


def cni() -> dict[str, object]:
    # Every packet is routed, and so passes kube-proxy's rules; a bridge needs br_netfilter loaded for that.
    cable = {
        "type": "ptp",
        # The machine around knows no way to the pods' addresses; it answers the node's.
        "ipMasq": True,
        "ipam": {
            "type": "host-local",
            # Goes with the namespaces, as the pods do: no lease outlives its pod.
            "dataDir": "/run/cni",
            "ranges": [[{"subnet": addresses.PODS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "alys", "plugins": [cable, portmap]}


def kubelet(cgroup: str) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": addresses.NODE,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{PKI}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{PKI}/kubelet-serving.crt",
        "tlsPrivateKeyFile": f"{PKI}/kubelet-serving.key",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [addresses.NODE],
        "clusterDomain": addresses.DOMAIN,
        "resolvConf": f"{CONFIG}/resolv.conf",
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
        "oomScoreAdj": 0,
        # A full disk or a busy machine is its user's affair: nothing is evicted, no image is collected.
        "evictionHard": {"imagefs.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%"},
        "imageGCHighThresholdPercent": 100,
        "serializeImagePulls": False,
        "syncFrequency": "10s",
        "nodeStatusUpdateFrequency": "4s",
        "runtimeRequestTimeout": "2m",
    }


def proxy() -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "bindAddress": addresses.NODE,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "clientConnection": {"kubeconfig": f"{PKI}/proxy.kubeconfig"},
        "clusterCIDR": addresses.PODS,
        "hostnameOverride": addresses.NODE_NAME,
        "oomScoreAdj": 0,
        # The connection table's size belongs to the whole machine.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        # Endpoints follow a pod's readiness at once, so that a rollout drops no request.
        "iptables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
    }


def corefile() -> str:
    zones = f"{addresses.DOMAIN} in-addr.arpa ip6.arpa"
    return f"""{zones} {{
    bind {addresses.NODE}
    errors
    kubernetes {zones} {{
        kubeconfig {PKI}/admin.kubeconfig alys-local
        pods insecure
        ttl 2
    }}
}}

# The cluster has no way to the internet: outside names are said not to exist, at once.
. {{
    bind {addresses.NODE}
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
"""


def registry() -> dict[str, object]:
    return {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": f"{INSIDE}/images/registry"},
            "delete": {"enabled": True},
        },
        "http": {"addr": f":{addresses.REGISTRY_PORT}", "relativeurls": True},
    }


def prometheus() -> dict[str, object]:
    # Two seconds, so that a soak of half a minute has the samples that a gate asks for.
    pods = {"job_name": "pods", "file_sd_configs": [{"files": [TARGETS], "refresh_interval": "30s"}]}
    return {"global": {"scrape_interval": "2s", "scrape_timeout": "2s"}, "scrape_configs": [pods]}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, indent=2) + "\n"
