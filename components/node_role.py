"""What the machines of a cluster may do in AWS."""

from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws import iam

from components.iam import allow, document, trust

_MANAGED = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore")
"""Join the cluster, pull images, be looked at without SSH. The pod network has a role of its own."""


@dataclass(frozen=True, kw_only=True)
class NodeRoleArgs:
    """Images that the machines may bring into the registry by pulling them."""

    cached_images: str | None = None
    """ARN pattern of the cache's repositories; None where there is no cache."""


class NodeRole(ComponentResource):
    """The role of every machine of a cluster."""

    arn: Output[str]
    rights: list[iam.RolePolicyAttachment | iam.RolePolicy]
    """What has to be there before a machine starts, and to stay until the last one is gone."""

    def __init__(self, name: str, args: NodeRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:NodeRole", name, None, opts)
        own = ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=document(
                trust("Machines", ["sts:AssumeRole"], {"Service": "ec2.amazonaws.com"})
            ),
            opts=own,
        )
        self.rights = [
            iam.RolePolicyAttachment(
                f"{name}-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=own
            )
            for policy in _MANAGED
        ]
        if args.cached_images:
            self.rights.append(
                iam.RolePolicy(
                    f"{name}-cache", role=role.id, policy=cache_policy(args.cached_images), opts=own
                )
            )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def cache_policy(repositories: str) -> str:
    """The first pull of an image makes its repository and brings it in, in the machine's name."""
    return document(
        # AWS limits this one by the account's cache rules, not by repository.
        allow("FirstPull", ["ecr:BatchImportUpstreamImage"], "*"),
        allow("MakeRepository", ["ecr:CreateRepository"], repositories),
    )
