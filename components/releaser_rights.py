"""What EKS's own access policies leave out for those who release."""

from pulumi import ComponentResource, ResourceOptions
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

from components.cluster_access import RELEASERS
from components.cluster_rights import declare_rights
from sections.release import rehearsal_namespace

_ALL = ["create", "delete", "get", "list", "patch", "update", "watch"]


class ReleaserRights(ComponentResource):
    """The kinds that no EKS policy knows, and what a rehearsal makes outside the node's namespace."""

    def __init__(self, name: str, namespace: str, opts: ResourceOptions | None = None) -> None:
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
            # A right to create can't be given by name.
            PolicyRuleArgs(api_groups=[""], resources=["namespaces"], verbs=["create"]),
            PolicyRuleArgs(
                api_groups=[""],
                resources=["namespaces"],
                resource_names=[rehearsal_namespace(namespace)],
                verbs=["delete", "get", "patch", "update"],
            ),
            # A copy gets volumes that were filled beside the backups.
            PolicyRuleArgs(
                api_groups=[""], resources=["persistentvolumes"], verbs=["get", "list", "patch", "watch"]
            ),
        ]
        declare_rights(self, name, role="alys-releaser", group=RELEASERS, rules=rules)
        self.register_outputs({})
