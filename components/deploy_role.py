"""The AWS role of one GitHub environment."""

from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import iam

from components.github_trust import trust_policy
from sections.access import Trust


@dataclass(frozen=True, kw_only=True)
class DeployRoleArgs:
    """Who takes it on, and what for."""

    account_id: str
    environment: str
    trust: Trust
    policy: str
    boundary_arn: Input[str]
    session_hours: int


class DeployRole(ComponentResource):
    """A role that jobs of exactly one GitHub environment take on."""

    arn: Output[str]

    def __init__(self, name: str, args: DeployRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:DeployRole", name, None, opts)
        role = iam.Role(
            f"{name}-role",
            name=f"alys-{args.environment}",
            description=f"Jobs of GitHub environment {args.environment}",
            assume_role_policy=trust_policy(args.account_id, args.trust, args.environment),
            permissions_boundary=args.boundary_arn,
            max_session_duration=3600 * args.session_hours,
            opts=ResourceOptions(parent=self),
        )
        iam.RolePolicy(f"{name}-policy", role=role.id, policy=args.policy, opts=ResourceOptions(parent=self))
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})
