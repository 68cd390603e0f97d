"""The `cluster` section: network, key, cluster, machines, add-ons, storage, and the way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi_kubernetes as kubernetes
from pulumi import Input, Output, Resource, ResourceOptions

from components.addons import Addon, Addons, AddonsArgs, volume_key_policy
from components.aws_account import Place, tags
from components.chain_storage import ChainStorage, ChainStorageArgs
from components.cluster import Cluster, ClusterArgs
from components.cluster_access import ClusterAccess, ClusterAccessArgs, Rank
from components.kubeconfig import Entrance, kubeconfig
from components.network import Network, NetworkArgs
from components.node_group import NodeGroup, NodeGroupArgs
from components.node_role import NodeRole, NodeRoleArgs
from components.releaser_rights import ReleaserRights
from components.viewer_rights import ViewerRights
from sections import cluster as section
from sections.account import Account
from sections.release import rehearsal_namespace


@dataclass(frozen=True, kw_only=True)
class ClusterNeeds:
    """What other sections give the cluster."""

    namespace: str
    """Of the node."""
    key_arn: Input[str]
    roles: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    """Deploy, rollback and preview roles by GitHub environment."""
    cached_images: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeclaredCluster:
    """The way into a cluster, and what has to be there before the node."""

    provider: kubernetes.Provider
    storage: Resource


def cluster_name(stack: str) -> str:
    """Of a stack's own cluster; as fixed as the stack's name, so that nothing is replaced for it."""
    return f"alys-{stack}"


def declare_cluster(where: Place, cluster: section.Cluster, needs: ClusterNeeds) -> DeclaredCluster:
    """Declare a cluster; the way into it waits until machines and add-ons are up."""
    stack, account, own = where.stack, where.account, where.inside
    network = Network(
        "network",
        NetworkArgs(
            stack=stack,
            account=account,
            network=cluster.network,
            key_arn=needs.key_arn,
            protect=cluster.protect,
        ),
        own,
    )
    control = Cluster(
        "cluster",
        ClusterArgs(
            cluster_name=cluster_name(stack),
            cluster=cluster,
            subnets=list(network.private_subnets.values()),
            key_arn=needs.key_arn,
        ),
        own,
    )
    access = ClusterAccess(
        "access",
        ClusterAccessArgs(
            cluster_name=control.name,
            namespaces=(needs.namespace, rehearsal_namespace(needs.namespace)),
            entries=_entries(stack, cluster, needs.roles),
        ),
        own,
    )
    addons = cluster.addons
    first = Addons(
        "first-addons",
        AddonsArgs(
            cluster_name=control.name,
            addons=[
                Addon(name="eks-pod-identity-agent", version=addons.pod_identity),
                Addon(name="kube-proxy", version=addons.kube_proxy),
                Addon(
                    name="vpc-cni",
                    version=addons.vpc_cni,
                    configuration={"enableNetworkPolicy": "true"},
                    service_account="aws-node",
                    managed_policy="AmazonEKS_CNI_Policy",
                ),
            ],
        ),
        own,
    )
    role = NodeRole("nodes", NodeRoleArgs(cached_images=needs.cached_images), own)
    machines: list[Resource] = []
    for group, nodes in cluster.node_groups.items():
        machines += NodeGroup(
            f"nodes-{group}",
            NodeGroupArgs(
                group=group,
                nodes=nodes,
                kubernetes=cluster.kubernetes,
                cluster_name=control.name,
                role_arn=role.arn,
                subnets=network.private_subnets,
                tags=tags(stack, account),
                after=(*role.rights, *first.installed),
            ),
            own,
        ).groups
    later = Addons(
        "addons",
        AddonsArgs(
            cluster_name=control.name,
            addons=[
                Addon(name="coredns", version=addons.coredns),
                Addon(name="snapshot-controller", version=addons.snapshot_controller),
                Addon(
                    name="aws-ebs-csi-driver",
                    version=addons.ebs_csi,
                    service_account="ebs-csi-controller-sa",
                    managed_policy="service-role/AmazonEBSCSIDriverPolicy",
                    policy=volume_key_policy(needs.key_arn),
                ),
            ],
            after=tuple(machines),
        ),
        own,
    )
    inside = _way_in(stack, account, cluster, control, [*access.granted, *machines, *later.installed])
    within = ResourceOptions(providers=[inside])
    storage = ChainStorage(
        "storage",
        ChainStorageArgs(stack=stack, key_arn=needs.key_arn, tags=tags(stack, account)),
        within,
    )
    ReleaserRights("releasers", needs.namespace, within)
    ViewerRights("viewers", within)
    return DeclaredCluster(provider=inside, storage=storage)


def _entries(
    stack: str, cluster: section.Cluster, roles: Mapping[str, Input[str]]
) -> dict[str, tuple[Rank, Input[str]]]:
    ranks: dict[str, Rank] = {
        stack: "releaser",
        f"{stack}-rollback": "releaser",
        f"{stack}-preview": "viewer",
    }
    entries: dict[str, tuple[Rank, Input[str]]] = {
        # The kind of role, not the stack, so that a component's children keep their names everywhere.
        environment.removeprefix(stack).removeprefix("-") or "deploy": (ranks[environment], arn)
        for environment, arn in roles.items()
    }
    for arn in cluster.admins:
        entries[f"admin-{_role_path(arn)}"] = ("admin", arn)
    for arn in cluster.on_call:
        entries[f"on-call-{_role_path(arn)}"] = ("on-call", arn)
    return entries


def _role_path(arn: str) -> str:
    """With its folders: two of them may each have a role of one name."""
    return arn.partition(":role/")[2]


def _way_in(
    stack: str, account: Account, cluster: section.Cluster, control: Cluster, after: list[Resource]
) -> kubernetes.Provider:
    name = cluster_name(stack)
    config = Output.all(control.endpoint, control.authority).apply(
        lambda found: kubeconfig(
            Entrance(
                cluster_name=name,
                region=account.region,
                endpoint=found[0],
                authority=found[1],
                role_arn=cluster.role,
            )
        )
    )
    return kubernetes.Provider(
        "cluster",
        kubeconfig=config,
        # Without it a kubeconfig that isn't known yet would plan everything in the cluster anew.
        cluster_identifier=name,
        opts=ResourceOptions(depends_on=after),
    )
