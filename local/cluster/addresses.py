"""Where things are, seen from inside the cluster's own network namespace and from the machine around it."""

# A /30 out of RFC 5737's documentation range: nobody routes it, and a node's address may not be link-local.
HOST = "198.51.100.1"
NODE = "198.51.100.2"
PREFIX = 30
HOST_LINK = "alys0"
NODE_NAME = "alys"

API_PORT = 6443
DNS_PORT = 53
REGISTRY_PORT = 5055
REGISTRY = f"localhost:{REGISTRY_PORT}"
PAUSE_IMAGE = f"{REGISTRY}/alys/pause:1"
PROMETHEUS_PORT = 9090
PROMETHEUS = f"http://{NODE}:{PROMETHEUS_PORT}"

# Only seen inside the namespace, so they can't collide with the machine's own networks.
PODS = "10.244.0.0/16"
SERVICES = "10.96.0.0/16"
KUBERNETES_SERVICE = "10.96.0.1"
DOMAIN = "cluster.local"

STORAGE_CLASS = "alys-local"
# A storage class and a class of volume snapshots.
SNAPSHOT_CLASS = "alys-snapshots"

# The cache as it is mounted inside: short paths, the same on every machine.
INSIDE = "/run/alys"
PARTS = "/run/alys-parts"
