"""Values that the chart is rendered with."""

import hashlib
from typing import Any

DIGEST = "sha256:" + "4e" * 32
FLAGS = 'actor_sync = false\nnote = "<&> ünï"\n'
FLAGS_DIGEST = hashlib.sha256(FLAGS.encode()).hexdigest()[:12]
MONITORING = ("monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PrometheusRule")

MINIMAL: dict[str, Any] = {"image": {"repository": "localhost:5055/alys/node", "version": "v1.0.0"}}

LOCAL: dict[str, Any] = {
    "image": {**MINIMAL["image"], "digest": DIGEST},
    "flags": {"toml": FLAGS, "digest": FLAGS_DIGEST},
    "secrets": {"name": "alys-node-secrets", "digest": "0123456789ab"},
    "chartDigest": "ba9876543210",
    "storage": {"size": "100Mi", "className": ""},
    "service": {"type": "NodePort"},
    "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
    "timing": {"minReadySeconds": 0, "drainSeconds": 2, "startupSeconds": 30},
    "smokeTest": {"timeoutSeconds": 30},
}

PARTIAL: dict[str, Any] = {**LOCAL, "rollout": {"percent": 25}}

PRODUCTION: dict[str, Any] = {
    **LOCAL,
    "image": {"repository": "ghcr.io/anduroproject/alys/node", "version": "v2.3.1", "digest": DIGEST},
    "replicas": 12,
    "rollout": {"percent": 50},
    "imagePullSecrets": [{"name": "ghcr"}],
    "storage": {"size": "500Gi", "className": "gp3"},
    "service": {"type": "ClusterIP", "port": 8545},
    "resources": {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"memory": "16Gi"}},
    "nodeSelector": {"alys.network/pool": "nodes"},
    "tolerations": [{"key": "alys.network/pool", "operator": "Exists", "effect": "NoSchedule"}],
    "timing": {"minReadySeconds": 60, "drainSeconds": 20, "terminationGracePeriodSeconds": 300},
    "networkPolicy": {
        "ingressFrom": [{"namespaceSelector": {"matchLabels": {"alys.network/reads": "metrics"}}}],
        "egress": [{"ports": [{"port": 30303, "protocol": "TCP"}]}],
    },
    "metrics": {"labels": {"release": "prometheus"}},
}

MIGRATING: dict[str, Any] = {
    **PRODUCTION,
    "migration": {
        "phase": "sync-improvement",
        "volume": "alys-node-backups",
        "backup": "before-sync-1a2b",
        "timeoutSeconds": 600,
    },
}

SNAPSHOTS: dict[str, Any] = {
    **MIGRATING,
    "migration": {
        "phase": "sync-improvement",
        "snapshotClass": "alys-chain",
        "backup": "before-sync-1a2b",
        "timeoutSeconds": 600,
    },
}

CASES = {
    "minimal": MINIMAL,
    "local": LOCAL,
    "partial": PARTIAL,
    "production": PRODUCTION,
    "migrating": MIGRATING,
    "snapshots": SNAPSHOTS,
}
