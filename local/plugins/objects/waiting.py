"""Waiting for an object to be ready, or gone: with a limit, and no longer than the update goes on."""

import threading
import time
from collections.abc import Callable
from typing import Any

from local.plugins.objects import readiness
from local.plugins.objects.api import Api, Kind
from local.plugins.resources import Refused
from local.plugins.values import at

# Seconds: the official provider's limit, when neither the resource nor an annotation says otherwise.
DEFAULT_TIMEOUT = 600.0
# Seconds between two looks, at first and at most.
_FIRST, _LONGEST = 0.3, 2.0


class NotReady(Exception):  # noqa: N818
    """The wait ended without the object being ready; the message says why."""


def limit(annotations: dict[str, str], asked: float) -> float:
    """Return the seconds to wait: the annotation's, else the resource's own, else the default."""
    annotated = annotations.get("pulumi.com/timeoutSeconds")
    try:
        return float(annotated) if annotated else asked or DEFAULT_TIMEOUT
    except ValueError as error:
        raise Refused(
            f"Annotation pulumi.com/timeoutSeconds: {annotated!r} is not a number of seconds."
        ) from error


def until_ready(
    api: Api, kind: Kind, live: dict[str, Any], *, timeout: float, cancelled: threading.Event
) -> dict[str, Any]:
    """Return the object once it is ready; raise `NotReady`, with the last thing seen wrong."""
    namespace, name = at(live, "metadata", "namespace"), str(at(live, "metadata", "name"))
    judged = readiness.verdict(live, api)

    def look() -> bool:
        nonlocal live, judged
        found = api.get(kind, namespace, name)
        if found is None:
            judged = readiness.hopeless("it was deleted meanwhile")
        else:
            live, judged = found, readiness.verdict(found, api)
        return judged.ready or judged.hopeless

    ended = judged.ready or judged.hopeless or _poll(look, timeout=timeout, cancelled=cancelled)
    if judged.ready:
        return live
    what = f"{kind.kind} {namespace + '/' if namespace else ''}{name}"
    stuck = "" if judged.hopeless else _pods(api, live)
    reason = judged.missing + (f" ({stuck})" if stuck else "")
    if ended:
        raise NotReady(f"{what}: {reason}")
    if cancelled.is_set():
        raise NotReady(f"{what}: the wait was cancelled: {reason}")
    raise NotReady(f"{what} was not ready within {timeout:g} s: {reason}")


def until_gone(
    api: Api,
    kind: Kind,
    namespace: str | None,
    name: str,
    *,
    uid: str,
    timeout: float,
    cancelled: threading.Event,
) -> None:
    """Wait until the object with this uid is gone; raise `NotReady` naming the finalizers that hold it."""
    found: dict[str, Any] | None = None

    def look() -> bool:
        nonlocal found
        found = api.get(kind, namespace, name)
        return found is None or at(found, "metadata", "uid") != uid

    if not look() and not _poll(look, timeout=timeout, cancelled=cancelled):
        held = (
            ", ".join(at(found, "metadata", "finalizers") or at(found, "spec", "finalizers") or []) or "none"
        )
        how = "the wait was cancelled" if cancelled.is_set() else f"still there after {timeout:g} s"
        raise NotReady(f"{kind.kind} {name} is being deleted, {how}; finalizers: {held}")


def _poll(look: Callable[[], bool], *, timeout: float, cancelled: threading.Event) -> bool:
    """Look until it is true; False when the time is over or the wait is cancelled."""
    deadline, pause = time.monotonic() + timeout, _FIRST
    while not cancelled.wait(pause):
        if look():
            return True
        if time.monotonic() > deadline:
            return False
        pause = min(pause * 1.5, _LONGEST)
    return False


def _pods(api: Api, live: dict[str, Any]) -> str:
    """Say what the pods under an object are stuck at."""
    labels: dict[str, str] | None = at(live, "spec", "selector", "matchLabels")
    pod = api.kind("v1", "Pod")
    if not labels or pod is None:
        return ""
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return readiness.trouble(api.list(pod, at(live, "metadata", "namespace"), selector))
