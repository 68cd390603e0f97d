"""Whether what runs is what the pin says: digests, readiness, flags, the smoke test's last word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.feature_flags import active_flags, feature_flags
from components.rollout import Share, share
from release.outside.cluster import Cluster
from release.outside.kube import Gone
from release.outside.pods import Pod, at
from sections.pin import Pin, image_reference


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was found; nothing wrong where there are no problems."""

    share: Share
    """Ready pods that run the pin, out of all that are wanted."""
    problems: tuple[str, ...]
    """Each a whole sentence without its full stop."""

    @property
    def passed(self) -> bool:
        """Whether everything is as pinned."""
        return not self.problems


def verify(cluster: Cluster, pin: Pin, *, replicas: int) -> Verification:
    """Look at each pod, and ask one that runs the pin which flags it has."""
    there = tuple(pod for pod in cluster.pods() if not pod.leaving)
    wanted = share(replicas, pin.rollout)
    pinned = [pod for pod in there if runs(pod, pin)]
    problems = [*problems_of(there, pin, wanted), *_flags(cluster, pinned, pin)]
    if _failed_smoke_test(cluster.smoke_test(), pin):
        problems.append(f"the smoke test of {pin.version} failed")
    ready = sum(pod.ready for pod in pinned)
    return Verification(share=Share(pods=ready, replicas=replicas), problems=tuple(problems))


def problems_of(there: tuple[Pod, ...], pin: Pin, wanted: Share) -> list[str]:
    """What is wrong with the pods themselves. Pure."""
    problems: list[str] = []
    pinned = [pod for pod in there if runs(pod, pin)]
    if len(there) != wanted.replicas:
        problems.append(f"there are {len(there)} pods, and {wanted.replicas} are wanted")
    # More than the share is no fault: a smaller percent leaves the pods that have the version already.
    if len(pinned) < wanted.pods:
        problems.append(f"{len(pinned)} pods run {pin.version}, and {wanted.pods} should")
    problems += [
        f"{pod.name} isn't ready{f': it {pod.trouble}' if pod.trouble else ''}"
        for pod in there
        if not pod.ready
    ]
    # The label says the version and the runtime the image: where they differ somebody changed one by hand.
    problems += [
        f"{pod.name} says {pod.version} and runs {pod.digest}, which is not {pin.digest}"
        for pod in there
        if pin.digest and pod.version == pin.version and pod.digest and pod.digest != pin.digest
    ]
    return problems


def runs(pod: Pod, pin: Pin) -> bool:
    """Whether a pod runs the pinned image, by digest where one is pinned, with the pinned flags and phase."""
    image = pod.digest == pin.digest if pin.digest else pod.version == pin.version
    return image and pod.flags == feature_flags(pin).digest and pod.phase == (pin.phase or "")


def _failed_smoke_test(test: Mapping[str, Any] | None, pin: Pin) -> bool:
    # Helm may begin the smoke test of a release that it is just taking back: that says nothing of the pin.
    if not test or at(test, "status").get("phase") != "Failed":
        return False
    containers: list[dict[str, str]] = at(test, "spec").get("containers") or []
    return any(one["image"].endswith(image_reference("", pin)) for one in containers)


def _flags(cluster: Cluster, pinned: list[Pod], pin: Pin) -> list[str]:
    problems: list[str] = []
    for pod in filter(lambda pod: pod.ready, pinned):
        try:
            said = at(cluster.ask(pod, "/version"), "flags")
        except Gone:
            problems.append(f"{pod.name} doesn't say which flags it has")
            continue
        problems += [
            f"{pod.name} has {name} = {said.get(name)!r}, and {wanted!r} is pinned"
            for name, wanted in active_flags(pin).items()
            if said.get(name) != wanted
        ]
    return problems
