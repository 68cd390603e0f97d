"""`release doctor`: what a release leans on, each whether it is well, before one has to know."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from release.errors import ContactLostError
from release.health import clocks, outside_checks, stack_checks, toolbox
from release.health.checkup import Check, Checkup, checkup, not_asked
from release.health.outlook import Outlook
from release.health.sighting import Sighting, see
from release.health.stack_checks import of_trouble
from release.outside import metrics
from release.outside.kube import Kube

_STACKS_OWN = ("stack file", "backend", "state", "locks", "leftovers", "cluster", "prometheus", "registry")


def doctor(outlook: Outlook, word: str | None) -> Checkup:
    """Look at this machine, and with a stack's name at all that the stack leans on."""
    name = outlook.project.stack(word) if word else None
    with ThreadPoolExecutor() as pool:
        seen = see(outlook, name) if name else None
        kube = seen.cluster.kube if seen and seen.cluster else None
        machine = [pool.submit(ask) for ask in _machine(outlook, seen, kube)]
        outside = [pool.submit(ask) for ask in _outside(outlook, seen)]
        about_stack = list(stack_checks.checks(seen)) if seen else _unnamed()
        return checkup(
            name, [*(one.result() for one in machine), *about_stack, *(one.result() for one in outside)]
        )


def _machine(outlook: Outlook, seen: Sighting | None, kube: Kube | None) -> Iterator[Callable[[], Check]]:
    environment, settings = outlook.environment, seen.settings if seen else None
    yield lambda: toolbox.pulumi(environment)
    yield lambda: toolbox.helm(environment)
    yield lambda: toolbox.kubectl(environment, server=_version(kube) if kube else None)
    yield lambda: outside_checks.github(environment, settings)
    yield lambda: outside_checks.channels(environment)


def _outside(outlook: Outlook, seen: Sighting | None) -> Iterator[Callable[[], Check]]:
    if seen is None or seen.settings is None or seen.settings.release is None:
        return
    environment, settings, image = outlook.environment, seen.settings, seen.settings.release.image
    if seen.cluster:
        kube = seen.cluster.kube
        yield lambda: _cluster_clock(kube)
    yield lambda: outside_checks.prometheus(
        lambda: metrics.prometheus(environment, settings, seen.cluster, stack=seen.stack), stack=seen.stack
    )
    if pin := seen.pin:
        yield lambda: outside_checks.image(environment, image, pin)
    yield lambda: outside_checks.registry_clock(image)


def _unnamed() -> list[Check]:
    return [not_asked(name, "name a stack:  release doctor STACK") for name in _STACKS_OWN]


def _version(kube: Kube) -> str | None:
    try:
        return str(kube.get("/version").get("gitVersion") or "") or None
    except ContactLostError:
        return None


def _cluster_clock(kube: Kube) -> Check:
    try:
        return clocks.check("cluster's clock", kube.date)
    except ContactLostError as error:
        return of_trouble("cluster's clock", error)
