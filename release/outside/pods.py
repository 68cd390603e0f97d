"""The node's pods as the API tells them, and which of them will never get ready. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

VERSION_LABEL = "alys.network/version"
FLAGS_LABEL = "alys.network/flags"
PHASE_LABEL = "alys.network/phase"
REVISION_LABEL = "controller-revision-hash"
HOPELESS = {
    "CrashLoopBackOff": "crashes again and again",
    "ImagePullBackOff": "has an image that can't be pulled",
    "ErrImagePull": "has an image that can't be pulled",
    "InvalidImageName": "has an image whose name is wrong",
    "CreateContainerConfigError": "names a Secret or ConfigMap that isn't there",
    "CreateContainerError": "can't be created",
    "RunContainerError": "can't be started",
}
"""Waiting reasons that don't pass by themselves; `ErrImagePull` comes once before `ImagePullBackOff`."""
_PASSES_ONCE = {"ErrImagePull"}
RESTARTS = 2


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One pod of the release."""

    name: str
    uid: str
    version: str
    """As its label says; the image's tag."""
    flags: str
    """Digest of the flags that it was made with, as its label says."""
    revision: str
    """The StatefulSet's revision that it was made of."""
    ready: bool
    leaving: bool
    restarts: int
    waiting: str
    """Why its container doesn't run yet; empty while it does."""
    detail: str
    """The container runtime's own words for that."""
    digest: str
    """Of the image that runs; empty before it does."""
    exit_code: int | None = None
    """Of the last container that ended."""
    phase: str = ""
    """Of the migration, as its label says; empty before the first."""

    @property
    def trouble(self) -> str | None:
        """Why it will never get ready: `crashes again and again (exit code 1)`; None where it may."""
        code = "" if self.exit_code is None else f" (exit code {self.exit_code})"
        if self.ready or self.leaving:
            return None
        if self.waiting in HOPELESS and self.waiting not in _PASSES_ONCE:
            said = code if self.waiting == "CrashLoopBackOff" else f" ({self.waiting})"
            return f"{HOPELESS[self.waiting]}{said}"
        return f"restarted {self.restarts} times{code}" if self.restarts >= RESTARTS else None


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """A StatefulSet's two revisions: pods below the partition have the first, the rest the second."""

    current: str
    update: str
    partition: int
    replicas: int
    generation: int
    """Grows with each change of what is wanted."""
    observed: bool
    """Whether the controller has seen the newest."""


def read(item: Mapping[str, Any]) -> Pod:
    """A pod as `kubectl get pod -o json` shows it."""
    metadata, status, labels = item["metadata"], at(item, "status"), at(item, "metadata", "labels")
    containers: list[Mapping[str, Any]] = status.get("containerStatuses") or []
    starting: list[Mapping[str, Any]] = status.get("initContainerStatuses") or []
    waits = [at(one, "state", "waiting") for one in [*starting, *containers]]
    waiting = next(filter(None, waits), at({}))
    ended = [code for one in [*starting, *containers] if (code := _exit_code(one)) is not None]
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        version=labels.get(VERSION_LABEL, ""),
        flags=labels.get(FLAGS_LABEL, ""),
        revision=labels.get(REVISION_LABEL, ""),
        ready=bool(containers) and all(one.get("ready") for one in containers),
        leaving="deletionTimestamp" in metadata,
        restarts=sum(int(one.get("restartCount") or 0) for one in [*starting, *containers]),
        waiting=str(waiting.get("reason") or ""),
        detail=str(waiting.get("message") or ""),
        digest=next((_digest(str(one.get("imageID") or "")) for one in containers), ""),
        exit_code=ended[-1] if ended else None,
        phase=labels.get(PHASE_LABEL, ""),
    )


def revisions(item: Mapping[str, Any]) -> Revisions:
    """A StatefulSet's, as `kubectl get statefulset -o json` shows it."""
    spec, status = at(item, "spec"), at(item, "status")
    strategy = at(spec, "updateStrategy", "rollingUpdate")
    return Revisions(
        current=str(status.get("currentRevision") or ""),
        update=str(status.get("updateRevision") or ""),
        partition=int(strategy.get("partition") or 0),
        replicas=int(spec.get("replicas") or 0),
        generation=int(item["metadata"].get("generation") or 0),
        observed=int(status.get("observedGeneration") or 0) >= int(item["metadata"].get("generation") or 0),
    )


def node_container(statefulset: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the node's own container is made like."""
    containers: list[Mapping[str, Any]] = at(statefulset, "spec", "template", "spec")["containers"]
    return next(one for one in containers if one["name"] == "node")


def hopeless(pods: Iterable[Pod], *, update: str) -> tuple[Pod, ...]:
    """The pods of the new revision that will never get ready."""
    return tuple(pod for pod in pods if pod.revision == update and pod.trouble)


def blocking(pods: Iterable[Pod], found: Revisions) -> tuple[Pod, ...]:
    """Pods of neither the new revision nor ready: a StatefulSet on its way back waits for them in vain."""
    return tuple(
        pod
        for pod in pods
        if found.observed
        and pod.revision != found.update
        and ordinal(pod) >= found.partition
        and not pod.ready
        and not pod.leaving
        and pod.trouble
    )


def ordinal(pod: Pod) -> int:
    """Its place in the StatefulSet."""
    last = pod.name.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def versions(pods: Iterable[Pod]) -> dict[str, tuple[int, int]]:
    """Of each version: how many pods there are, and how many of them are ready."""
    known = [pod for pod in pods if not pod.leaving]
    there = Counter(pod.version for pod in known)
    ready = Counter(pod.version for pod in known if pod.ready)
    return {version: (count, ready[version]) for version, count in sorted(there.items())}


def at(item: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at a path of keys; empty where the API left it out."""
    for key in path:
        item = item.get(key) or {}
    return item


def _exit_code(status: Mapping[str, Any]) -> int | None:
    for key in ("state", "lastState"):
        ended = at(status, key, "terminated")
        if "exitCode" in ended:
            return int(ended["exitCode"])
    return None


def _digest(image_id: str) -> str:
    return image_id.rpartition("@")[2] if "@" in image_id else ""
