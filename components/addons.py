"""The EKS add-ons of a cluster, pinned."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws import eks, iam

from components.iam import allow, document, trust


@dataclass(frozen=True, kw_only=True)
class Addon:
    """One add-on: version, settings, and the rights of its pods in AWS."""

    name: str
    version: str
    configuration: dict[str, Any] | None = None
    service_account: str | None = None
    managed_policy: str | None = None
    policy: Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """Add-ons that come up together."""

    cluster_name: Input[str]
    addons: Sequence[Addon]
    after: tuple[Resource, ...] = ()


class Addons(ComponentResource):
    """Add-ons, each with a role of its own by Pod Identity where its pods call AWS."""

    installed: list[Resource]

    def __init__(self, name: str, args: AddonsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:Addons", name, None, opts)
        self._name = name
        self.installed = []
        for addon in args.addons:
            identity, rights = self._identity(addon)
            self.installed.append(
                eks.Addon(
                    f"{name}-{addon.name}",
                    cluster_name=args.cluster_name,
                    addon_name=addon.name,
                    addon_version=addon.version,
                    configuration_values=json.dumps(addon.configuration, sort_keys=True)
                    if addon.configuration
                    else None,
                    # The stack file decides, also where somebody edited the cluster by hand.
                    resolve_conflicts_on_create="OVERWRITE",
                    resolve_conflicts_on_update="OVERWRITE",
                    pod_identity_associations=identity,
                    opts=ResourceOptions(parent=self, depends_on=[*args.after, *rights]),
                )
            )
        self.register_outputs({})

    def _identity(
        self, addon: Addon
    ) -> tuple[list[eks.AddonPodIdentityAssociationArgs] | None, list[Resource]]:
        if addon.service_account is None:
            return None, []
        own = ResourceOptions(parent=self)
        role = iam.Role(f"{self._name}-{addon.name}", assume_role_policy=POD_TRUST, opts=own)
        rights: list[Resource] = []
        if addon.managed_policy:
            arn = f"arn:aws:iam::aws:policy/{addon.managed_policy}"
            rights.append(
                iam.RolePolicyAttachment(
                    f"{self._name}-{addon.name}", role=role.name, policy_arn=arn, opts=own
                )
            )
        if addon.policy is not None:
            rights.append(
                iam.RolePolicy(f"{self._name}-{addon.name}", role=role.id, policy=addon.policy, opts=own)
            )
        association = eks.AddonPodIdentityAssociationArgs(
            role_arn=role.arn, service_account=addon.service_account
        )
        return [association], rights


POD_TRUST = document(
    trust("Pods", ["sts:AssumeRole", "sts:TagSession"], {"Service": "pods.eks.amazonaws.com"})
)
"""Trust in pods that the cluster has associated with the role."""


def volume_key_policy(key_arn: Input[str]) -> Output[str]:
    """Making, attaching and copying volumes that are encrypted with a key of ours."""
    return Output.from_input(key_arn).apply(
        lambda arn: document(
            allow(
                "Use",
                [
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                arn,
            ),
            allow("Attach", ["kms:CreateGrant"], arn, {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        )
    )
