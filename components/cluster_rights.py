"""Rights of a group that EKS's own access policies leave out."""

from collections.abc import Sequence

from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRuleArgs,
    RoleRefArgs,
    SubjectArgs,
)


def declare_rights(
    parent: Resource, name: str, *, role: str, group: str, rules: Sequence[PolicyRuleArgs]
) -> None:
    """Declare a role of the whole cluster and give it to a group; both are children of `parent`."""
    declared = ClusterRole(
        f"{name}-role",
        metadata=ObjectMetaArgs(name=role),
        rules=list(rules),
        opts=ResourceOptions(parent=parent),
    )
    ClusterRoleBinding(
        f"{name}-binding",
        metadata=ObjectMetaArgs(name=role),
        role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role),
        subjects=[SubjectArgs(kind="Group", name=group, api_group="rbac.authorization.k8s.io")],
        opts=ResourceOptions(parent=parent, depends_on=[declared]),
    )
