"""What EKS's own access policies leave out for those who release."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

from components.cluster_access import RELEASERS
from components.cluster_rights import declare_rights

_ALL = ["create", "delete", "get", "list", "patch", "update", "watch"]


class ReleaserRights(ComponentResource):
    """The kinds that no EKS policy knows: monitors, alert rules, snapshots."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ReleaserRights", name, None, opts)
        rules = [
            PolicyRuleArgs(
                api_groups=["monitoring.coreos.com"],
                resources=["servicemonitors", "prometheusrules"],
                verbs=_ALL,
            ),
            PolicyRuleArgs(api_groups=["snapshot.storage.k8s.io"], resources=["volumesnapshots"], verbs=_ALL),
            # What a deleted backup leaves in the storage is let go of here; its class keeps it by itself.
            PolicyRuleArgs(
                api_groups=["snapshot.storage.k8s.io"],
                resources=["volumesnapshotcontents"],
                verbs=["get", "patch"],
            ),
        ]
        declare_rights(self, name, role="alys-releaser", group=RELEASERS, rules=rules)
        self.register_outputs({})
