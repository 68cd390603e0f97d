"""A stack's place in AWS: its account, and the provider for it."""

from dataclasses import dataclass

from pulumi import ResourceOptions
from pulumi_aws import Provider, ProviderDefaultTagsArgs

from sections.account import Account


@dataclass(frozen=True, kw_only=True)
class Place:
    """The stack, its account, and the one provider that makes what it has there."""

    stack: str
    account: Account
    provider: Provider

    @property
    def inside(self) -> ResourceOptions:
        """Options of a component that is declared here."""
        return ResourceOptions(providers=[self.provider])


def place(stack: str, account: Account) -> Place:
    """A place whose provider refuses every account but the stack's own, and tags what it makes."""
    provider = Provider(
        "aws",
        region=account.region,
        allowed_account_ids=[account.id],
        default_tags=ProviderDefaultTagsArgs(tags=tags(stack, account)),
    )
    return Place(stack=stack, account=account, provider=provider)


def tags(stack: str, account: Account) -> dict[str, str]:
    """What every resource of a stack carries; budgets and backups look for `environment`."""
    return {
        **account.tags,
        "project": "alys",
        "environment": stack,
        "owner": account.owner,
        "managed-by": "pulumi",
    }
