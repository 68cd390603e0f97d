"""The provider of a stack's AWS account."""

from pulumi_aws import Provider, ProviderDefaultTagsArgs

from sections.account import Account


def aws_provider(stack: str, account: Account) -> Provider:
    """Refuses every account but the stack's own, and tags what it makes."""
    return Provider(
        "aws",
        region=account.region,
        allowed_account_ids=[account.id],
        default_tags=ProviderDefaultTagsArgs(tags=tags(stack, account)),
    )


def tags(stack: str, account: Account) -> dict[str, str]:
    """What every resource of a stack carries; budgets and backups look for `environment`."""
    return {
        **account.tags,
        "project": "alys",
        "environment": stack,
        "owner": account.owner,
        "managed-by": "pulumi",
    }
