"""The sample versions of the node: what is wrong with each, and their way into the registry."""

from collections.abc import Mapping

from local import node_image

IMAGES: Mapping[str, str | None] = {
    "v1.0.0": None,
    "v2.0.0": None,
    "v3.0.0": "exit-at-start",
    "v4.0.0": "serve-errors",
    "v5.0.0": "no-metrics",
    "v6.0.0": "fails-smoke",
    "v7.0.0": "slow-start:15",
}
"""By tag; what the README says of them."""


def push(registry: str | None = None) -> dict[str, str]:
    """Builds the node, unless that is done, and pushes every version; answers the digests by tag."""
    return {version: node_image.push(version, fault, registry) for version, fault in IMAGES.items()}
