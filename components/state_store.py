"""Where Pulumi keeps the stacks: a bucket, and a key for it and for stack secrets."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws import kms, s3

from components.environment_key import DELETED_AFTER_DAYS
from components.iam import Statement, document, trust
from sections.account import Account

KEPT_VERSIONS_DAYS = 365
_USE_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]


@dataclass(frozen=True, kw_only=True)
class StateStoreArgs:
    """Name of the bucket, and the accounts whose roles use it beside its own."""

    account: Account
    bucket: str
    accounts: Sequence[str] = ()


class StateStore(ComponentResource):
    """A bucket that keeps every version, takes only TLS, and shows nothing to the public."""

    bucket: Output[str]
    key_arn: Output[str]

    def __init__(self, name: str, args: StateStoreArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:StateStore", name, None, opts)
        own = ResourceOptions(parent=self)
        kept = ResourceOptions(parent=self, protect=True)
        key = kms.Key(
            f"{name}-key",
            description="Pulumi state and stack secrets of alys",
            enable_key_rotation=True,
            deletion_window_in_days=DELETED_AFTER_DAYS,
            policy=key_policy(args.account.id, args.accounts),
            opts=kept,
        )
        kms.Alias(f"{name}-alias", name="alias/alys-state", target_key_id=key.key_id, opts=own)
        bucket = s3.Bucket(f"{name}-bucket", bucket=args.bucket, opts=kept)
        s3.BucketVersioning(
            f"{name}-versions",
            bucket=bucket.id,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=own,
        )
        encryption = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key.arn
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=encryption, bucket_key_enabled=True
                )
            ],
            opts=own,
        )
        closed = s3.BucketPublicAccessBlock(
            f"{name}-closed",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=own,
        )
        s3.BucketOwnershipControls(
            f"{name}-owner",
            bucket=bucket.id,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=own,
        )
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.id,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="old-versions",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=KEPT_VERSIONS_DAYS
                    ),
                    abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=7
                    ),
                )
            ],
            opts=own,
        )
        s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.id,
            policy=bucket_policy(args.bucket, args.accounts),
            opts=ResourceOptions(parent=self, depends_on=[closed]),
        )
        self.bucket, self.key_arn = bucket.id, key.arn
        self.register_outputs({"bucket": self.bucket, "key_arn": self.key_arn})


def bucket_policy(bucket: str, accounts: Sequence[str]) -> str:
    """TLS only; and the `alys-` roles of further accounts, which their own policies limit to their stack."""
    arn = f"arn:aws:s3:::{bucket}"
    return document(
        {
            **trust("TlsOnly", ["s3:*"], "*", {"Bool": {"aws:SecureTransport": "false"}}),
            "Effect": "Deny",
            "Resource": [arn, f"{arn}/*"],
        },
        *(
            statement
            for account in accounts
            for statement in (
                {**_roles_of(account, "List", ["s3:ListBucket"]), "Resource": arn},
                {
                    **_roles_of(account, "Use", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
                    "Resource": f"{arn}/.pulumi/*",
                },
            )
        ),
    )


def key_policy(account: str, accounts: Sequence[str]) -> str:
    """IAM of the account decides; further accounts' `alys-` roles may use the key."""
    return document(
        {**trust("Account", ["kms:*"], {"AWS": f"arn:aws:iam::{account}:root"}), "Resource": "*"},
        *({**_roles_of(other, "Use", _USE_KEY), "Resource": "*"} for other in accounts),
    )


def _roles_of(account: str, sid: str, actions: list[str]) -> Statement:
    return trust(
        f"{sid}{account}",
        actions,
        {"AWS": f"arn:aws:iam::{account}:root"},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/alys-*"}},
    )
