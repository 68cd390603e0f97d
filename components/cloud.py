"""The AWS half of a stack: the sections that need an account, in the order in which they need each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import Input, Output, Resource, ResourceOptions

from components import cost_estimate
from components.access_section import declare_access
from components.aws_account import Place, place
from components.backups_section import declare_backups
from components.cluster_section import ClusterNeeds, cluster_name, declare_cluster
from components.costs_section import declare_costs
from components.environment_key import EnvironmentKey, EnvironmentKeyArgs
from components.observability import Observability, ObservabilityArgs
from components.registry_section import cached_images, declare_registry, image_source
from components.release_section import Home
from components.state_section import backend_url, declare_state
from sections.account import Account
from sections.observability import AlertService
from sections.release import namespace as release_namespace
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class CloudSecrets:
    """What is known to Pulumi's secrets only."""

    registry_token: Output[str] | None = None
    alerts: Mapping[AlertService, Input[str]] = field(default_factory=dict[AlertService, Input[str]])
    """Where alerts go, by service."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What the rest of the stack takes from its account."""

    outputs: Mapping[str, Any]
    roles: Mapping[str, Output[str]] = field(default_factory=dict[str, Output[str]])
    """ARNs by GitHub environment."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where state and cluster are, for jobs."""
    home: Home | None = None
    """Where the node runs; None where the stack has no cluster of its own."""


def declare_cloud(stack: str, account: Account, wanted: Settings, secrets: CloudSecrets) -> Cloud:
    """Declare every section of `wanted` that needs the account."""
    where = place(stack, account)
    outputs: dict[str, Any] = {}
    if wanted.state:
        outputs |= declare_state(where, wanted.state)
    roles = declare_access(where, wanted.access) if wanted.access else {}
    if roles:
        outputs["roles"] = roles
    if wanted.costs:
        declare_costs(where, wanted.costs)
        # An output, so that a preview shows what a change costs.
        outputs["monthly_estimate"] = cost_estimate.said(wanted)
    home = None
    if wanted.cluster or wanted.registry or wanted.backups:
        home = _environment(where, wanted, roles, secrets)
    if wanted.cluster:
        outputs["cluster"] = cluster_name(stack)
    return Cloud(outputs=outputs, roles=roles, variables=_variables(stack, account, wanted), home=home)


def _environment(
    where: Place, wanted: Settings, roles: Mapping[str, Output[str]], secrets: CloudSecrets
) -> Home | None:
    token = secrets.registry_token
    key = EnvironmentKey(
        "environment",
        EnvironmentKeyArgs(
            stack=where.stack,
            account=where.account,
            protect=wanted.cluster.protect if wanted.cluster else True,
        ),
        where.inside,
    )
    if wanted.backups:
        declare_backups(where, wanted.backups, key.arn)
    after: list[Resource] = []
    if wanted.registry and token is not None:
        after += declare_registry(where, wanted.registry, token, key.arn)
    if wanted.cluster is None:
        return None
    namespace = release_namespace(where.stack, wanted.release)
    needs = ClusterNeeds(
        namespace=namespace,
        key_arn=key.arn,
        roles=roles,
        cached_images=cached_images(where, wanted.registry),
    )
    cluster = declare_cluster(where, wanted.cluster, needs)
    after.append(cluster.storage)
    if wanted.observability:
        # Before the node, whose chart declares monitors only where their kinds exist.
        args = ObservabilityArgs(
            observability=wanted.observability, node_namespace=namespace, alerts=secrets.alerts
        )
        after.append(Observability("observability", args, ResourceOptions(providers=[cluster.provider])))
    if wanted.release is None:
        return None
    source = image_source(where, wanted.registry, wanted.release.image, token)
    return Home(
        provider=cluster.provider,
        namespace=namespace,
        image=source.image,
        registry_login=source.login,
        after=tuple(after),
    )


def _variables(stack: str, account: Account, wanted: Settings) -> dict[str, str]:
    told = {"AWS_REGION": account.region}
    if wanted.access and wanted.access.state:
        told["PULUMI_BACKEND_URL"] = backend_url(wanted.access.state.bucket, account.region)
    if wanted.cluster:
        told["CLUSTER"] = cluster_name(stack)
    return told
