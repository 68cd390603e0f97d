"""The EKS cluster of an environment."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import cloudwatch, eks, iam

from components.iam import document, trust
from sections import cluster as section

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The control plane, its network and its key."""

    cluster_name: str
    cluster: section.Cluster
    subnets: Sequence[Input[str]]
    key_arn: Input[str]


class Cluster(ComponentResource):
    """The control plane; who may enter it is said by access entries alone."""

    name: Output[str]
    endpoint: Output[str]
    authority: Output[str]
    """The certificate that its API server shows, base64."""

    def __init__(self, name: str, args: ClusterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:Cluster", name, None, opts)
        own = ResourceOptions(parent=self)
        wanted = args.cluster
        # Declared before the cluster, which would make it without key and retention.
        logs = cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=wanted.log_days,
            kms_key_id=args.key_arn,
            opts=own,
        )
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=document(
                trust("ControlPlane", ["sts:AssumeRole", "sts:TagSession"], {"Service": "eks.amazonaws.com"})
            ),
            opts=own,
        )
        rights = iam.RolePolicyAttachment(
            f"{name}-policy",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=own,
        )
        cluster = eks.Cluster(
            f"{name}-cluster",
            name=args.cluster_name,
            version=wanted.kubernetes,
            role_arn=role.arn,
            # Every add-on is declared, pinned; and nobody is in by having made the cluster.
            bootstrap_self_managed_addons=False,
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnets,
                endpoint_private_access=True,
                endpoint_public_access=bool(wanted.public_cidrs),
                public_access_cidrs=list(wanted.public_cidrs) or None,
            ),
            kubernetes_network_config=eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=wanted.service_cidr
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                resources=["secrets"],
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key_arn),
            ),
            enabled_cluster_log_types=list(LOG_TYPES),
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            deletion_protection=wanted.protect,
            opts=ResourceOptions(parent=self, depends_on=[logs, rights], protect=wanted.protect),
        )
        self.name = cluster.name
        self.endpoint = cluster.endpoint
        self.authority = cluster.certificate_authority.data
        self.register_outputs({"name": self.name, "endpoint": self.endpoint})
