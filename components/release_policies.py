"""What releasing and previewing need in AWS, and what no such role may ever exceed."""

from dataclasses import dataclass

from components.iam import Statement, allow, document
from sections.access import StateAccess
from sections.account import Account

PROJECT = "alys"
"""The project's name in Pulumi.yaml, which is part of each path in the state."""

STACK_CONTEXT = "stack"
"""What each secret of a stack is bound to, with the stack's name: KMS opens it with that alone."""

_READS_OF_ALL = (
    "ec2:DescribeAddresses",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:DescribePullThroughCacheRules",
    "ecr:DescribeRepositoryCreationTemplates",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
)
"""What a refresh asks that AWS doesn't limit by resource."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The stack that a role is for."""

    stack: str
    account: Account
    state: StateAccess


def release_policy(scope: Scope) -> str:
    """Update the stack's state, use its key, find its cluster; the rest is Kubernetes' to allow."""
    return document(*_state(scope, write=True), _cluster(scope))


def preview_policy(scope: Scope) -> str:
    """Read the stack's state and the resources that it names."""
    return document(*_state(scope, write=False), _cluster(scope), *_reads(scope))


def boundary(scope: Scope) -> str:
    """All that any role of the environment can be given: a wider policy on it has no effect."""
    return document(*_state(scope, write=True), _cluster(scope), *_reads(scope))


def _state(scope: Scope, *, write: bool) -> list[Statement]:
    bucket = f"arn:aws:s3:::{scope.state.bucket}"
    verbs = ["s3:GetObject", *(["s3:PutObject", "s3:DeleteObject"] if write else [])]
    objects = ["kms:Decrypt", *(["kms:GenerateDataKey"] if write else [])]
    secrets = ["kms:Decrypt", *(["kms:Encrypt"] if write else [])]
    region = scope.state.key.split(":")[3]
    of_stack = [
        f"{bucket}/.pulumi/stacks/{PROJECT}/{scope.stack}.*",
        f"{bucket}/.pulumi/history/{PROJECT}/{scope.stack}/*",
        f"{bucket}/.pulumi/backups/{PROJECT}/{scope.stack}/*",
        f"{bucket}/.pulumi/locks/organization/{PROJECT}/{scope.stack}/*",
    ]
    return [
        allow("FindState", ["s3:ListBucket"], bucket),
        allow("BackendVersion", ["s3:GetObject"], f"{bucket}/.pulumi/meta.yaml"),
        allow("State", verbs, of_stack),
        allow("KeyIsThere", ["kms:DescribeKey"], scope.state.key),
        # All stacks have one key. What it opens of another stack's: nothing in the bucket, whose objects are
        # given by their paths, and no secret, which is bound to the name of its stack.
        allow(
            "StateKey",
            objects,
            scope.state.key,
            {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        ),
        allow(
            "SecretsKey",
            secrets,
            scope.state.key,
            {"StringEquals": {f"kms:EncryptionContext:{STACK_CONTEXT}": scope.stack}},
        ),
    ]


def _cluster(scope: Scope) -> Statement:
    arn = f"arn:aws:eks:{scope.account.region}:{scope.account.id}:cluster/alys-{scope.stack}"
    return allow("Cluster", ["eks:DescribeCluster"], arn)


def _reads(scope: Scope) -> list[Statement]:
    # What a refresh asks about declared resources: never the content of a secret, a log or an image.
    account, stack = scope.account.id, scope.stack
    regional = f"{scope.account.region}:{account}"
    eks = f"arn:aws:eks:{regional}"
    return [
        allow("ReadAll", _READS_OF_ALL, "*"),
        allow("ReadNetwork", ["ec2:DescribeVpcAttribute"], f"arn:aws:ec2:{regional}:vpc/*"),
        allow("ReadMachines", ["eks:DescribeNodegroup"], f"{eks}:nodegroup/alys-{stack}/*"),
        allow("ReadAddons", ["eks:DescribeAddon"], f"{eks}:addon/alys-{stack}/*"),
        allow(
            "ReadEntries",
            ["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"],
            f"{eks}:access-entry/alys-{stack}/*",
        ),
        allow(
            "ReadRoles",
            [
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
            ],
            f"arn:aws:iam::{account}:role/*",
        ),
        allow(
            "ReadPolicies",
            ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"],
            f"arn:aws:iam::{account}:policy/alys-*",
        ),
        allow("ReadTrust", ["iam:GetOpenIDConnectProvider"], f"arn:aws:iam::{account}:oidc-provider/*"),
        allow(
            "ReadKeys",
            ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
            f"arn:aws:kms:*:{account}:key/*",
        ),
        allow("ReadVaults", ["backup:DescribeBackupVault"], f"arn:aws:backup:*:{account}:backup-vault:*"),
        allow(
            "ReadPlans",
            ["backup:GetBackupPlan", "backup:GetBackupSelection"],
            f"arn:aws:backup:{regional}:backup-plan:*",
        ),
        allow("ReadMonitor", ["ce:GetAnomalyMonitors"], f"arn:aws:ce::{account}:anomalymonitor/*"),
        allow(
            "ReadSubscription",
            ["ce:GetAnomalySubscriptions"],
            f"arn:aws:ce::{account}:anomalysubscription/*",
        ),
        allow("ReadBudget", ["budgets:ViewBudget"], f"arn:aws:budgets::{account}:budget/alys-{stack}"),
        allow(
            "ReadLogin",
            ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"],
            f"arn:aws:secretsmanager:{regional}:secret:ecr-pullthroughcache/alys-{stack}-*",
        ),
    ]
