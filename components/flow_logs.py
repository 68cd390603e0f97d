"""Who talked to whom in a network."""

from dataclasses import dataclass

from pulumi import ComponentResource, Input, ResourceOptions
from pulumi_aws import cloudwatch, ec2, iam

from components.iam import allow, document, service_trust
from sections.account import Account


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """The network, and how long its logs are kept."""

    stack: str
    account: Account
    vpc_id: Input[str]
    days: int
    key_arn: Input[str]


class FlowLogs(ComponentResource):
    """The flow logs of a VPC in CloudWatch."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:FlowLogs", name, None, opts)
        own = ResourceOptions(parent=self)
        group = f"/alys/{args.stack}/flow"
        logs = cloudwatch.LogGroup(
            f"{name}-logs", name=group, retention_in_days=args.days, kms_key_id=args.key_arn, opts=own
        )
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=service_trust("vpc-flow-logs.amazonaws.com", account=args.account.id),
            opts=own,
        )
        policy = iam.RolePolicy(
            f"{name}-policy", role=role.id, policy=flow_log_policy(args.account, group), opts=own
        )
        ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination=logs.arn,
            iam_role_arn=role.arn,
            opts=ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def flow_log_policy(account: Account, group: str) -> str:
    """Writing into one log group."""
    arn = f"arn:aws:logs:{account.region}:{account.id}:log-group:{group}"
    return document(
        allow("Group", ["logs:DescribeLogStreams"], f"{arn}:*"),
        allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{arn}:log-stream:*"),
    )
