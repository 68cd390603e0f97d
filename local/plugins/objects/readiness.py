"""When an object is ready, and what keeps it from being so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from local.plugins.objects.api import Api
from local.plugins.values import at


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Ready, not ready yet (with what is missing), or never going to be."""

    ready: bool
    missing: str = ""
    hopeless: bool = False


READY = Verdict(ready=True)


def _waiting(missing: str) -> Verdict:
    return Verdict(ready=False, missing=missing)


def hopeless(missing: str) -> Verdict:
    """Return the verdict on an object that will not become ready by waiting."""
    return Verdict(ready=False, missing=missing, hopeless=True)


def _condition(live: dict[str, Any], kind: str) -> dict[str, Any]:
    conditions = cast("list[dict[str, Any]]", at(live, "status", "conditions") or [])
    empty: dict[str, Any] = {}
    return next((c for c in conditions if c.get("type") == kind), empty)


def _said(condition: dict[str, Any]) -> str:
    return ": ".join(filter(None, [condition.get("reason"), condition.get("message")]))


def _count(live: dict[str, Any], *path: str) -> int:
    return int(at(live, *path) or 0)


def _observed(live: dict[str, Any]) -> bool:
    return _count(live, "status", "observedGeneration") >= _count(live, "metadata", "generation")


def _namespace(live: dict[str, Any], _api: Api) -> Verdict:
    phase = at(live, "status", "phase")
    return READY if phase == "Active" else _waiting(f"the namespace is {phase}")


def _deployment(live: dict[str, Any], _api: Api) -> Verdict:
    progressing = _condition(live, "Progressing")
    if _observed(live) and progressing.get("reason") == "ProgressDeadlineExceeded":
        return hopeless(_said(progressing))
    want = at(live, "spec", "replicas")
    want = 1 if want is None else int(want)
    counts = [_count(live, "status", key) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    if _observed(live) and counts == [want] * 3:
        return READY
    return _waiting(f"{counts[2]} of {want} pods are available, {counts[1]} updated, {counts[0]} exist")


def _stateful_set(live: dict[str, Any], _api: Api) -> Verdict:
    """Like the official provider, this knows nothing of partitions: a canary is never ready."""
    want = at(live, "spec", "replicas")
    want = 1 if want is None else int(want)
    ready, updated = (_count(live, "status", key) for key in ("readyReplicas", "updatedReplicas"))
    same = at(live, "status", "currentRevision") == at(live, "status", "updateRevision")
    if _observed(live) and ready == want and (same or updated == want):
        return READY
    return _waiting(f"{ready} of {want} pods are ready, {updated} updated")


def _daemon_set(live: dict[str, Any], _api: Api) -> Verdict:
    want = _count(live, "status", "desiredNumberScheduled")
    ready, updated = (_count(live, "status", key) for key in ("numberAvailable", "updatedNumberScheduled"))
    if _observed(live) and ready == updated == want:
        return READY
    return _waiting(f"{ready} of {want} pods are available, {updated} updated")


def _job(live: dict[str, Any], _api: Api) -> Verdict:
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        return hopeless(f"the job failed: {_said(failed)}")
    if _condition(live, "Complete").get("status") == "True" or at(live, "spec", "suspend") is True:
        return READY
    return _waiting(f"the job has not completed, {_count(live, 'status', 'active')} pods are active")


def _pod(live: dict[str, Any], _api: Api) -> Verdict:
    if at(live, "status", "phase") == "Succeeded" or _condition(live, "Ready").get("status") == "True":
        return READY
    return _waiting(trouble([live]) or f"the pod is {at(live, 'status', 'phase')}")


def _claim(live: dict[str, Any], api: Api) -> Verdict:
    if at(live, "status", "phase") == "Bound":
        return READY
    name = at(live, "spec", "storageClassName")
    storage = api.kind("storage.k8s.io/v1", "StorageClass")
    found = api.get(storage, None, str(name)) if storage and name else None
    if found and found.get("volumeBindingMode") == "WaitForFirstConsumer":
        # It is bound when a pod uses it, which may well be waiting for this.
        return READY
    return _waiting(f"the claim is {at(live, 'status', 'phase')}, storage class {name!r}")


def _service(live: dict[str, Any], api: Api) -> Verdict:
    spec = cast("dict[str, Any]", live.get("spec") or {})
    if not spec.get("selector") or spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None":
        return READY
    if spec.get("type") == "LoadBalancer" and not at(live, "status", "loadBalancer", "ingress"):
        return _waiting("the load balancer has no address yet")
    slices = api.kind("discovery.k8s.io/v1", "EndpointSlice")
    selector = f"kubernetes.io/service-name={at(live, 'metadata', 'name')}"
    for found in api.list(slices, at(live, "metadata", "namespace"), selector) if slices else []:
        endpoints: list[dict[str, Any]] = found.get("endpoints") or []
        if any(at(endpoint, "conditions", "ready") for endpoint in endpoints):
            return READY
    return _waiting(f"no ready pod matches its selector {spec['selector']}")


def _definition(live: dict[str, Any], _api: Api) -> Verdict:
    established = _condition(live, "Established")
    return READY if established.get("status") == "True" else _waiting("the kind is not established yet")


_RULES: dict[str, Callable[[dict[str, Any], Api], Verdict]] = {
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "Service": _service,
    "StatefulSet": _stateful_set,
}


def verdict(live: dict[str, Any], api: Api) -> Verdict:
    """Judge an object as it is now; kinds without a rule are ready as soon as they exist."""
    rule = _RULES.get(str(live.get("kind")))
    return rule(live, api) if rule else READY


def trouble(pods: list[dict[str, Any]]) -> str:
    """Say what the containers of pods are stuck at: `node-0: CrashLoopBackOff: back-off 10s ...`."""
    said: list[str] = []
    for pod in pods:
        statuses: list[dict[str, Any]] = at(pod, "status", "containerStatuses") or []
        for status in statuses:
            waiting: dict[str, Any] = (
                at(status, "state", "waiting") or at(status, "state", "terminated") or {}
            )
            if waiting.get("reason") not in (None, "ContainerCreating", "Completed"):
                said.append(f"{at(pod, 'metadata', 'name')}: {_said(waiting)}")
        unschedulable = _condition(pod, "PodScheduled")
        if unschedulable.get("status") == "False":
            said.append(f"{at(pod, 'metadata', 'name')}: {_said(unschedulable)}")
    return "; ".join(said)
