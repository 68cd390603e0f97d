"""What runs, as kubectl sees it and as each pod says of itself."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The pods of the release."""

    versions: dict[str, int]
    """Ready pods by the version that they report."""
    flags: dict[str, Any]
    """Flags of the pod that was updated last."""
    images: dict[str, str]
    """Version that is reported to the digest of the image that the container runtime started."""
    ready: int


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """The namespace of the release, behind a Kubernetes context."""

    context: str
    name: str

    def see(self) -> Seen:
        """Ask every pod for its version and flags, and the cluster for what it runs."""
        pods = self._pods()
        nodes = _ready_nodes(pods)
        said = [self.ask(pod["metadata"]["name"], "/version") for pod in nodes]
        images = [status["imageID"].rpartition("@")[2] for pod in nodes for status in _containers(pod)]
        return Seen(
            versions=dict(Counter(one["version"] for one in said)),
            flags=said[-1]["flags"] if said else {},
            images={one["version"]: image for one, image in zip(said, images, strict=True)},
            ready=len(nodes),
        )

    def labelled(self) -> set[str]:
        """The versions that pods are labelled with, whether they run yet or not."""
        return {pod["metadata"]["labels"].get("alys.network/version", "") for pod in self._pods()}

    def ready(self) -> list[str]:
        """Names of the pods that are ready, by ordinal."""
        return [pod["metadata"]["name"] for pod in _ready_nodes(self._pods())]

    def ask(self, pod: str, path: str) -> dict[str, Any]:
        """What a pod answers, through the API's proxy."""
        return self._json("get", "--raw", f"/api/v1/namespaces/{self.name}/pods/{pod}:8080/proxy{path}")

    def node_port_url(self) -> str:
        """Where the release's Service is reached from outside the cluster."""
        # The node's address, not the API server's: kind serves that on loopback, where no NodePort answers.
        node = self._json("get", "nodes", "-o", "json")["items"][0]["status"]["addresses"]
        address = next(one["address"] for one in node if one["type"] == "InternalIP")
        port = self._json("get", "service", "alys-node", "-o", "json")["spec"]["ports"][0]["nodePort"]
        return f"http://{address}:{port}"

    def _pods(self) -> list[dict[str, Any]]:
        return self._json("get", "pods", "-l", "app.kubernetes.io/name=alys-node", "-o", "json")["items"]

    def _json(self, *arguments: str) -> Any:
        return json.loads(self._read(*arguments))

    def _read(self, *arguments: str) -> str:
        command = ["kubectl", "--context", self.context, "--namespace", self.name, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
        return done.stdout


def _ready_nodes(pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # One that isn't ready may have no address yet to be asked at.
    found = (pod for pod in pods if _is_node(pod) and _ready(pod))
    return sorted(found, key=lambda pod: pod["metadata"]["name"])


def _is_node(pod: dict[str, Any]) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    return any(owner["kind"] == "StatefulSet" for owner in owners)


def _ready(pod: dict[str, Any]) -> bool:
    return bool(_containers(pod)) and all(status["ready"] for status in _containers(pod))


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return pod["status"].get("containerStatuses", [])
