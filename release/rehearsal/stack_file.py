"""The stack file of a copy: the release's part of the stack's own, in another namespace. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release.outside.pods import at

_KEPT = ("alys:version", "alys:digest", "alys:rollout", "alys:phase", "alys:flags", "alys:strategy")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a copy is, and what its pods are made of."""

    namespace: str
    context: str
    """Kubernetes context that leads into the stack's cluster."""
    image: str
    """As the stack's own pods have it, without tag and digest: it may come through a cache."""


def config(own: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The configuration of a copy of the stack whose configuration is `own`.

    What serves people, protects data or makes something outside the namespace isn't in it; secrets neither.
    """
    release = {key: value for key, value in own["alys:release"].items() if key != "rehearsal"}
    release |= {
        "image": place.image,
        "context": place.context,
        "namespace": place.namespace,
        "protect": False,
        "service": "ClusterIP",
    }
    if resources := own["alys:release"].get("rehearsal"):
        release["resources"] = resources
    copied = {**{key: own[key] for key in _KEPT if key in own}, "alys:release": release}
    if pulls_by_secret(own):
        registry = own["alys:registry"]
        copied["alys:registry"] = {"mode": registry["mode"], "username": registry["username"]}
    return copied


def pulls_by_secret(own: Mapping[str, Any]) -> bool:
    """Whether pods have their image with a secret, which a copy needs too."""
    return at(own, "alys:registry").get("mode") == "direct"


def secrets(own: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the node's secret files; a copy has other contents, so that no key is used twice."""
    return tuple(own.get("alys:secrets") or ())
