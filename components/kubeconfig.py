"""How a program finds and enters an EKS cluster."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """A cluster and the role that is taken on for it; None = the caller's own."""

    cluster_name: str
    region: str
    endpoint: str
    authority: str
    role_arn: str | None = None


def kubeconfig(entrance: Entrance) -> str:
    """A kubeconfig without a secret: `aws eks get-token` makes a token of 15 minutes each time."""
    name = entrance.cluster_name
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": entrance.endpoint,
                        "certificate-authority-data": entrance.authority,
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "users": [{"name": name, "user": {"exec": _token_command(entrance)}}],
        }
    )


def _token_command(entrance: Entrance) -> dict[str, Any]:
    role = ["--role-arn", entrance.role_arn] if entrance.role_arn else []
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [
            "eks",
            "get-token",
            "--cluster-name",
            entrance.cluster_name,
            "--region",
            entrance.region,
            "--output",
            "json",
            *role,
        ],
        "interactiveMode": "Never",
    }
