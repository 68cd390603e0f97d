"""GHCR through a cache in the account's own registry."""

import json
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import ecr, iam, secretsmanager

from components.aws_account import tags
from components.iam import allow, document, trust
from sections.account import Account
from sections.registry import UPSTREAM

KEPT_IMAGES = 200


@dataclass(frozen=True, kw_only=True)
class ImageCacheArgs:
    """The login that the cache fills itself with, and where it puts images."""

    stack: str
    account: Account
    prefix: str
    username: str
    token: Input[str]
    key_arn: Input[str]


class ImageCache(ComponentResource):
    """A pull-through cache: a node asks ECR, and ECR asks GHCR the first time."""

    def __init__(self, name: str, args: ImageCacheArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:ImageCache", name, None, opts)
        own = ResourceOptions(parent=self)
        login = secretsmanager.Secret(
            f"{name}-login",
            # ECR accepts no other beginning.
            name=f"ecr-pullthroughcache/alys-{args.stack}",
            description="What ECR reads GHCR with",
            kms_key_id=args.key_arn,
            recovery_window_in_days=7,
            opts=own,
        )
        content = secretsmanager.SecretVersion(
            f"{name}-token",
            secret_id=login.id,
            secret_string=Output.json_dumps({"username": args.username, "accessToken": args.token}),
            opts=own,
        )
        role = iam.Role(
            f"{name}-maker",
            assume_role_policy=document(
                trust("Registry", ["sts:AssumeRole"], {"Service": "ecr.amazonaws.com"})
            ),
            opts=own,
        )
        rights = iam.RolePolicy(
            f"{name}-maker",
            role=role.id,
            policy=Output.from_input(args.key_arn).apply(
                lambda key: maker_policy(repositories(args.account, args.prefix), key)
            ),
            opts=own,
        )
        template = ecr.RepositoryCreationTemplate(
            f"{name}-template",
            prefix=args.prefix,
            applied_fors=["PULL_THROUGH_CACHE"],
            # A tag that moved upstream is another image: the cache keeps the one that was deployed.
            image_tag_mutability="IMMUTABLE",
            encryption_configurations=[
                ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=args.key_arn
                )
            ],
            lifecycle_policy=keep_newest(KEPT_IMAGES),
            resource_tags=tags(args.stack, args.account),
            custom_role_arn=role.arn,
            opts=ResourceOptions(parent=self, depends_on=[rights]),
        )
        ecr.PullThroughCacheRule(
            f"{name}-rule",
            ecr_repository_prefix=args.prefix,
            upstream_registry_url=UPSTREAM,
            credential_arn=login.arn,
            opts=ResourceOptions(parent=self, depends_on=[content, template]),
        )
        self.register_outputs({})


def cached(image: str, account: Account, prefix: str) -> str:
    """Where the cache offers an image: `ghcr.io/alys/node` as `.../PREFIX/alys/node`."""
    registry = f"{account.id}.dkr.ecr.{account.region}.amazonaws.com"
    return f"{registry}/{prefix}/{image.removeprefix(f'{UPSTREAM}/')}"


def repositories(account: Account, prefix: str) -> str:
    """ARN pattern of the cache's repositories."""
    return f"arn:aws:ecr:{account.region}:{account.id}:repository/{prefix}/*"


def maker_policy(repository_arns: str, key_arn: str) -> str:
    """Making a tagged, encrypted repository on the first pull."""
    return document(
        allow("Make", ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"], repository_arns),
        allow("Encrypt", ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], key_arn),
    )


def keep_newest(count: int) -> str:
    """A lifecycle policy; what it drops is fetched again when somebody pulls it."""
    rule = {
        "rulePriority": 1,
        "description": f"the newest {count}",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})
