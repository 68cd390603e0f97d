"""What EKS's own access policies leave out for those who release."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRuleArgs,
    RoleRefArgs,
    SubjectArgs,
)

from components.cluster_access import RELEASERS

NAME = "alys-releaser"
_ALL = ["create", "delete", "get", "list", "patch", "update", "watch"]


class ReleaserRights(ComponentResource):
    """The kinds of the chart that no EKS policy knows: monitors, alert rules, snapshots."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ReleaserRights", name, None, opts)
        own = ResourceOptions(parent=self)
        role = ClusterRole(
            f"{name}-role",
            metadata=ObjectMetaArgs(name=NAME),
            rules=[
                PolicyRuleArgs(
                    api_groups=["monitoring.coreos.com"],
                    resources=["servicemonitors", "prometheusrules"],
                    verbs=_ALL,
                ),
                PolicyRuleArgs(
                    api_groups=["snapshot.storage.k8s.io"], resources=["volumesnapshots"], verbs=_ALL
                ),
            ],
            opts=own,
        )
        ClusterRoleBinding(
            f"{name}-binding",
            metadata=ObjectMetaArgs(name=NAME),
            role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=NAME),
            subjects=[SubjectArgs(kind="Group", name=RELEASERS, api_group="rbac.authorization.k8s.io")],
            opts=ResourceOptions(parent=self, depends_on=[role]),
        )
        self.register_outputs({})
