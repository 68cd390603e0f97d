"""The key that everything of an environment is encrypted with."""

from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws.kms import Alias, Key

from components.iam import document, trust
from sections.account import Account

DELETED_AFTER_DAYS = 30
"""The longest that KMS offers: what a lost key encrypted is lost with it."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentKeyArgs:
    """Whose key it is."""

    stack: str
    account: Account
    protect: bool = True


class EnvironmentKey(ComponentResource):
    """A KMS key for volumes, Kubernetes Secrets, logs and backups; its users' rights are in IAM."""

    arn: Output[str]

    def __init__(self, name: str, args: EnvironmentKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:EnvironmentKey", name, None, opts)
        key = Key(
            f"{name}-key",
            description=f"Everything of alys-{args.stack}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETED_AFTER_DAYS,
            policy=key_policy(args.account),
            opts=ResourceOptions(parent=self, protect=args.protect),
        )
        Alias(
            f"{name}-alias",
            name=f"alias/alys-{args.stack}",
            target_key_id=key.key_id,
            opts=ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def key_policy(account: Account) -> str:
    """IAM decides; CloudWatch Logs, which has no role, is let in for the account's log groups."""
    logs = f"arn:aws:logs:{account.region}:{account.id}:log-group:*"
    return document(
        {
            **trust("Account", ["kms:*"], {"AWS": f"arn:aws:iam::{account.id}:root"}),
            "Resource": "*",
        },
        {
            **trust(
                "Logs",
                ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
                {"Service": f"logs.{account.region}.amazonaws.com"},
                {"StringLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            ),
            "Resource": "*",
        },
    )
