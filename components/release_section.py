"""The `release` section: the provider of its cluster, and the node in it."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, ResourceOptions
from pulumi_kubernetes import Provider

import kubecontext
from components.feature_flags import active_flags, feature_flags
from components.node_release import NodeRelease, NodeReleaseArgs
from sections.pin import Pin
from sections.release import Release


def declare_release(
    stack: str, pin: Pin, release: Release, secrets: Input[Mapping[str, str]] | None
) -> dict[str, Any]:
    """Declare the node of a stack whose cluster is a Kubernetes context."""
    context = kubecontext.find(release.context or "")
    kubecontext.refuse_unreachable(context)
    provider = Provider("cluster", context=context.name, cluster_identifier=context.name)
    node = NodeRelease(
        "node",
        NodeReleaseArgs(
            namespace=release.namespace or context.namespace or f"alys-{stack}",
            pin=pin,
            flags=feature_flags(pin),
            release=release,
            secrets=secrets,
        ),
        ResourceOptions(providers=[provider]),
    )
    return {
        "version": pin.version,
        "image": node.image,
        "share": str(node.share),
        "flags": active_flags(pin),
        "namespace": node.namespace,
    }
