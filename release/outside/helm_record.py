"""What Helm remembers of the revision that it deployed last: its values, and the objects that it made."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast
from urllib.parse import quote

import yaml

from release.outside.cluster import RELEASE, Cluster
from release.outside.pods import at
from release.past import identity
from release.past.identity import Identity
from sections.pin import Pin


@dataclass(frozen=True, kw_only=True)
class HelmRecord:
    """Helm's newest revision that is deployed."""

    number: int
    version: str
    digest: str | None
    objects: tuple[Mapping[str, Any], ...]
    """As the chart made them."""

    def object(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """One of them; None where the chart makes none such."""
        named = (one for one in self.objects if one.get("kind") == kind)
        return next((one for one in named if at(one, "metadata").get("name") == name), None)


def newest(cluster: Cluster) -> HelmRecord | None:
    """Ask the cluster; None where nothing is deployed."""
    secrets = cluster.kube.items(
        f"/api/v1/namespaces/{quote(cluster.namespace)}/secrets",
        labelSelector=f"owner=helm,name={RELEASE},status=deployed",
    )
    last = max(secrets, key=lambda one: int(one["metadata"]["labels"]["version"]), default=None)
    return unpack(last["data"]["release"]) if last else None


def of_pin(cluster: Cluster, pin: Pin) -> int | None:
    """The newest revision that made a pin run on all pods; None where Helm remembers none."""
    secrets = cluster.kube.items(
        f"/api/v1/namespaces/{quote(cluster.namespace)}/secrets", labelSelector=f"owner=helm,name={RELEASE}"
    )
    served = [one for one in secrets if one["metadata"]["labels"]["status"] in {"deployed", "superseded"}]
    numbered = sorted(((int(one["metadata"]["labels"]["version"]), one) for one in served), key=itemgetter(0))
    wanted = identity.of(pin)
    return next(
        (
            number
            for number, one in reversed(numbered)
            if _identity(_opened(one["data"]["release"])) == wanted
        ),
        None,
    )


def _identity(record: Mapping[str, Any]) -> Identity | None:
    values = at(record, "config")
    if at(values, "rollout").get("percent") != 100:  # noqa: PLR2004  a share of the pods is no release
        return None
    image = at(values, "image")
    return Identity(
        version=str(image.get("version")),
        digest=image.get("digest") or None,
        flags=at(values, "flags").get("digest"),
        phase=at(values, "migration").get("phase") or None,
    )


def unpack(packed: str) -> HelmRecord:
    """Read a record as its Secret holds it: base64 of gzip, and that in base64 once more."""
    record = _opened(packed)
    image = at(record, "config", "image")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = list(yaml.load_all(str(record.get("manifest") or ""), Loader=loader))
    return HelmRecord(
        number=int(record.get("version") or 0),
        version=str(image.get("version") or ""),
        digest=str(image.get("digest") or "") or None,
        objects=tuple(cast("Mapping[str, Any]", one) for one in documents if isinstance(one, dict)),
    )


def _opened(packed: str) -> Mapping[str, Any]:
    # Whoever may write Secrets of the namespace may run what he likes there, so nothing is unpacked that
    # could do more harm than he.
    return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(packed))))
