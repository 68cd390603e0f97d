"""What the sections of a stack file ask of each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from sections.registry import UPSTREAM

if TYPE_CHECKING:
    from settings import Settings

_IN_AN_ACCOUNT = ("state", "cluster", "access", "costs", "backups")


def refuse_disagreement(settings: "Settings") -> None:
    """Raise the first rule between sections that is broken."""
    for rule in (_account, _cluster, _release, _trust, _runner):
        for error in rule(settings):
            raise error


def _account(settings: "Settings") -> Iterator[PydanticCustomError]:
    for section in _IN_AN_ACCOUNT:
        if settings.account is None and getattr(settings, section) is not None:
            yield _error("account", "is missing: alys:{section} makes resources in one", section=section)
    if settings.account is None and settings.registry and settings.registry.mode == "cache":
        yield _error("account", "is missing: alys:registry.mode cache makes resources in one; direct doesn't")


def _cluster(settings: "Settings") -> Iterator[PydanticCustomError]:
    if settings.observability and not settings.cluster:
        yield _error("cluster", "is missing: alys:observability is installed in one")
    if settings.cluster and settings.account:
        region = settings.account.region
        for zone in settings.cluster.network.zones:
            if zone[:-1] != region:
                yield _error(
                    "cluster.network.zones",
                    "names {zone}, which is not in the account's region, {region}",
                    zone=zone,
                    region=region,
                )


def _release(settings: "Settings") -> Iterator[PydanticCustomError]:
    release, cluster = settings.release, settings.cluster
    if release is None:
        return
    if release.snapshots and release.backup_volume:
        yield _error(
            "release.snapshots",
            "and release.backup_volume are both there: backups are kept in one place; remove one",
        )
    if cluster is None and release.context is None:
        yield _error("release.context", "is missing, and the stack has no cluster of its own")
    if cluster and release.context is not None:
        yield _error(
            "release.context",
            "= {context}, but the stack has a cluster of its own; remove one of the two",
            context=release.context,
        )
    if cluster and release.node_group and release.node_group not in cluster.node_groups:
        yield _error(
            "release.node_group",
            "= {group} is no group of the cluster; it has {groups}",
            group=release.node_group,
            groups=", ".join(cluster.node_groups),
        )
    cached = settings.registry is not None and settings.registry.mode == "cache"
    if cached and not release.image.startswith(f"{UPSTREAM}/"):
        yield _error(
            "release.image",
            "= {image} is not on {upstream}, the registry that alys:registry.mode cache is for",
            image=release.image,
            upstream=UPSTREAM,
        )


def _trust(settings: "Settings") -> Iterator[PydanticCustomError]:
    trust = settings.access.trust if settings.access else None
    if trust and settings.github and trust.repository != settings.github.repository:
        yield _error(
            "access.trust.repository",
            "= {trusted} is not the repository of alys:github, {repository}: its jobs could take on no role",
            trusted=trust.repository,
            repository=settings.github.repository,
        )


def _runner(settings: "Settings") -> Iterator[PydanticCustomError]:
    cluster, github = settings.cluster, settings.github
    if cluster and github and not cluster.public_cidrs and not github.runner:
        yield _error(
            "github.runner",
            "is missing: the cluster answers only inside its network, where GitHub's own machines aren't",
        )


def _error(key: str, reason: str, **values: str) -> PydanticCustomError:
    return PydanticCustomError("sections_disagree", reason, {"key": key, **values})  # type: ignore[arg-type]
