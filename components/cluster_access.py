"""Who may do what in a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pulumi import ComponentResource, Input, Resource, ResourceOptions
from pulumi_aws import eks

RELEASERS = "alys:releasers"
"""Kubernetes group of all who release: RBAC gives it what EKS's own policies leave out."""
VIEWERS = "alys:viewers"
"""Kubernetes group of those who only look, likewise."""

Rank = Literal["admin", "releaser", "on-call", "viewer"]

POLICIES: dict[Rank, dict[str, Literal["cluster", "namespace"]]] = {
    "admin": {"AmazonEKSClusterAdminPolicy": "cluster"},
    "releaser": {"AmazonEKSAdminPolicy": "namespace", "AmazonEKSViewPolicy": "cluster"},
    "on-call": {"AmazonEKSAdminPolicy": "namespace", "AmazonEKSAdminViewPolicy": "cluster"},
    "viewer": {"AmazonEKSViewPolicy": "cluster"},
}
"""EKS's access policies by rank, each for the whole cluster or for the node's namespaces."""

_GROUPS: dict[Rank, str] = {"releaser": RELEASERS, "on-call": RELEASERS, "viewer": VIEWERS}


@dataclass(frozen=True, kw_only=True)
class ClusterAccessArgs:
    """Roles by a name that stays, each with its rank."""

    cluster_name: Input[str]
    namespaces: tuple[str, ...]
    """Those of the node: its own, and that of its rehearsals."""
    entries: Mapping[str, tuple[Rank, Input[str]]]


class ClusterAccess(ComponentResource):
    """The access entries of a cluster."""

    granted: list[Resource]

    def __init__(self, name: str, args: ClusterAccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ClusterAccess", name, None, opts)
        self.granted = []
        for who, (rank, role_arn) in args.entries.items():
            entry = eks.AccessEntry(
                f"{name}-{who}",
                cluster_name=args.cluster_name,
                principal_arn=role_arn,
                kubernetes_groups=[_GROUPS[rank]] if rank in _GROUPS else None,
                type="STANDARD",
                opts=ResourceOptions(parent=self),
            )
            for policy, scope in POLICIES[rank].items():
                self.granted.append(
                    eks.AccessPolicyAssociation(
                        f"{name}-{who}-{policy}",
                        cluster_name=args.cluster_name,
                        principal_arn=entry.principal_arn,
                        policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{policy}",
                        access_scope=eks.AccessPolicyAssociationAccessScopeArgs(
                            type=scope, namespaces=list(args.namespaces) if scope == "namespace" else None
                        ),
                        opts=ResourceOptions(parent=self),
                    )
                )
        self.register_outputs({})
