"""The `release` section: the provider of its cluster, and the node in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Resource, ResourceOptions
from pulumi_kubernetes import Provider

import kubecontext
from components.feature_flags import active_flags, feature_flags
from components.node_release import NodeRelease, NodeReleaseArgs
from sections.pin import Pin
from sections.release import Release, namespace


@dataclass(frozen=True, kw_only=True)
class Home:
    """The cluster that a node runs in, and how it gets its image there."""

    provider: Provider
    namespace: str
    image: str
    registry_login: Input[str] | None = None
    after: tuple[Resource, ...] = ()


def home_in_context(stack: str, release: Release, login: Input[str] | None = None) -> Home:
    """A cluster that is there already: a Kubernetes context, which has to answer."""
    context = kubecontext.find(release.context or "")
    kubecontext.refuse_unreachable(context)
    return Home(
        provider=Provider("cluster", context=context.name, cluster_identifier=context.name),
        namespace=namespace(stack, release, of_context=context.namespace),
        image=release.image,
        registry_login=login,
    )


def declare_release(
    pin: Pin, release: Release, secrets: Input[Mapping[str, str]] | None, home: Home
) -> dict[str, Any]:
    """Declare the node of a stack."""
    node = NodeRelease(
        "node",
        NodeReleaseArgs(
            namespace=home.namespace,
            pin=pin,
            flags=feature_flags(pin),
            release=release.model_copy(update={"image": home.image}),
            secrets=secrets,
            registry_login=home.registry_login,
        ),
        ResourceOptions(providers=[home.provider], depends_on=list(home.after)),
    )
    return {
        "version": pin.version,
        "image": node.image,
        "share": str(node.share),
        "flags": active_flags(pin),
        "phase": pin.phase or "",
        "namespace": node.namespace,
    }
