"""What releasing and previewing need in AWS, and what no such role may ever exceed."""

from dataclasses import dataclass

from components.iam import Statement, allow, document
from sections.access import StateAccess
from sections.account import Account

PROJECT = "alys"
"""The project's name in Pulumi.yaml, which is part of each path in the state."""

READS = (
    "backup:Describe*",
    "backup:Get*",
    "backup:List*",
    "budgets:Describe*",
    "budgets:ListTagsForResource",
    "budgets:ViewBudget",
    "ce:Get*",
    "ce:ListTagsForResource",
    "ec2:Describe*",
    "ecr:Describe*",
    "ecr:List*",
    "eks:Describe*",
    "eks:List*",
    "iam:Get*",
    "iam:List*",
    "kms:Describe*",
    "kms:Get*",
    "kms:List*",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
)
"""What a refresh asks about declared resources: never the content of a secret, a log or an object."""


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
    return document(*_state(scope, write=False), _cluster(scope), _reads())


def boundary(scope: Scope) -> str:
    """All that any role of the environment can be given: a wider policy on it has no effect."""
    return document(*_state(scope, write=True), _cluster(scope), _reads())


def _state(scope: Scope, *, write: bool) -> list[Statement]:
    bucket = f"arn:aws:s3:::{scope.state.bucket}"
    verbs = ["s3:GetObject", *(["s3:PutObject", "s3:DeleteObject"] if write else [])]
    key = ["kms:Decrypt", "kms:DescribeKey", *(["kms:Encrypt", "kms:GenerateDataKey"] if write else [])]
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
        allow("StateKey", key, scope.state.key),
    ]


def _cluster(scope: Scope) -> Statement:
    arn = f"arn:aws:eks:{scope.account.region}:{scope.account.id}:cluster/alys-{scope.stack}"
    return allow("Cluster", ["eks:DescribeCluster"], arn)


def _reads() -> Statement:
    return allow("Refresh", READS, "*")
