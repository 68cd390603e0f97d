"""What EKS's own access policies leave out for those who look for drift."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

from components.cluster_access import VIEWERS
from components.cluster_rights import declare_rights

DECLARED = {
    "monitoring.coreos.com": ["prometheusrules"],
    "rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles"],
    "snapshot.storage.k8s.io": ["volumesnapshotclasses"],
    "storage.k8s.io": ["storageclasses"],
}
"""Kinds that a stack declares in its cluster and EKS's view policy doesn't show; never Secrets."""


class ViewerRights(ComponentResource):
    """Reading the kinds that a stack declares, but for those that hold secrets."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ViewerRights", name, None, opts)
        rules = [
            PolicyRuleArgs(api_groups=[group], resources=kinds, verbs=["get", "list", "watch"])
            for group, kinds in DECLARED.items()
        ]
        declare_rights(self, name, role="alys-viewer", group=VIEWERS, rules=rules)
        self.register_outputs({})
