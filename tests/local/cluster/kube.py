"""A namespace of a cluster, and the probe that runs in it."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
PATIENCE_SECONDS = 90


@dataclass(frozen=True, kw_only=True)
class Kube:
    """kubectl in one namespace; `prefix` is a command that runs it somewhere else."""

    kubectl: Path
    kubeconfig: Path
    namespace: str
    prefix: tuple[str, ...] = ()

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        argv = [
            *self.prefix,
            str(self.kubectl),
            "--kubeconfig",
            str(self.kubeconfig),
            "-n",
            self.namespace,
            *arguments,
        ]
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)

    def do(self, *arguments: str, stdin: str | None = None) -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, *arguments: str) -> Any:
        return json.loads(self.do("get", *arguments, "-o", "json"))

    def apply(self, *objects: dict[str, Any]) -> None:
        self.do("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def make_namespace(self, labels: dict[str, str]) -> None:
        meta = {"name": self.namespace, "labels": labels}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})

    def wait_ready(self, *names: str) -> None:
        for name in names:
            self.do("wait", "--for=condition=Ready", f"pod/{name}", f"--timeout={PATIENCE_SECONDS}s")

    def node_address(self) -> str:
        (node,) = self.get("nodes")["items"]
        return next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod of the probe's, as `restricted` wants it."""

    name: str
    image: str
    app: str = "probe"
    subdomain: str = ""
    claim: str = ""
    env: dict[str, str] = field(default_factory=dict)
    security: dict[str, Any] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    def manifest(self) -> dict[str, Any]:
        container = {
            "name": "probe",
            "image": self.image,
            "env": [{"name": name, "value": value} for name, value in self.env.items()],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
            | self.security,
            "volumeMounts": [{"name": "data", "mountPath": "/data"}] if self.claim else [],
        }
        spec = {
            "containers": [container],
            "hostname": self.name,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "fsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": self.claim}}]
            if self.claim
            else [],
        } | ({"subdomain": self.subdomain} if self.subdomain else {})
        meta = {"name": self.name, "labels": {"app": self.app}, "annotations": self.annotations}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def service(name: str, app: str = "probe", **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": 8080}]
    body = {"selector": {"app": app}, "ports": ports} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body}


def claim(name: str, **changes: Any) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}} | changes
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def eventually(what: Callable[[], Any]) -> Any:
    """The first answer that is not an error and not empty; the last error when there is none in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if answer := what():
                return answer
        except (AssertionError, httpx.HTTPError, OSError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.2)
