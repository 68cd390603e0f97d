"""Machines of one kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws import ec2, eks

from components.node_release import NODE_GROUP_LABEL
from sections import cluster as section

AMI_TYPES: dict[section.Architecture, str] = {
    "arm64": "AL2023_ARM_64_STANDARD",
    "amd64": "AL2023_x86_64_STANDARD",
}


@dataclass(frozen=True, kw_only=True)
class NodeGroupArgs:
    """The machines, their cluster, and the subnets by zone."""

    group: str
    nodes: section.NodeGroup
    kubernetes: str
    cluster_name: Input[str]
    role_arn: Input[str]
    subnets: Mapping[str, Input[str]]
    tags: Mapping[str, str]
    """Of machines and volumes, which the provider's default tags don't reach."""
    after: tuple[Resource, ...] = ()
    """What a machine needs in order to become ready."""


class NodeGroup(ComponentResource):
    """Managed machines, replaced one at a time and mended by themselves."""

    groups: list[eks.NodeGroup]
    names: Output[list[str]]

    def __init__(self, name: str, args: NodeGroupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:NodeGroup", name, None, opts)
        template = self._template(name, args)
        placed = (
            {f"{name}-{zone}": [subnet] for zone, subnet in args.subnets.items()}
            if args.nodes.per_zone
            else {name: list(args.subnets.values())}
        )
        self.groups = [
            eks.NodeGroup(
                placed_name,
                cluster_name=args.cluster_name,
                node_role_arn=args.role_arn,
                subnet_ids=subnets,
                version=args.kubernetes,
                ami_type=AMI_TYPES[args.nodes.architecture],
                instance_types=list(args.nodes.instances),
                capacity_type="ON_DEMAND",
                scaling_config=eks.NodeGroupScalingConfigArgs(
                    min_size=args.nodes.size, desired_size=args.nodes.size, max_size=args.nodes.size
                ),
                update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
                node_repair_config=eks.NodeGroupNodeRepairConfigArgs(enabled=True),
                launch_template=eks.NodeGroupLaunchTemplateArgs(
                    id=template.id, version=template.latest_version.apply(str)
                ),
                labels={NODE_GROUP_LABEL: args.group},
                taints=_taints(args),
                opts=ResourceOptions(parent=self, depends_on=list(args.after)),
            )
            for placed_name, subnets in placed.items()
        ]
        self.names = Output.all(*[group.node_group_name for group in self.groups])
        self.register_outputs({"names": self.names})

    def _template(self, name: str, args: NodeGroupArgs) -> ec2.LaunchTemplate:
        return ec2.LaunchTemplate(
            f"{name}-template",
            update_default_version=True,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=args.nodes.disk,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            # IMDSv2, and no hop further: pods get their roles from Pod Identity, never the machine's.
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind, tags={**args.tags, "Name": f"alys-{args.group}"}
                )
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=ResourceOptions(parent=self),
        )


def _taints(args: NodeGroupArgs) -> list[eks.NodeGroupTaintArgs]:
    taint = eks.NodeGroupTaintArgs(key=NODE_GROUP_LABEL, value=args.group, effect="NO_SCHEDULE")
    return [taint] if args.nodes.dedicated else []
