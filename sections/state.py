"""Where the other stacks keep their state: the `state` section, declared once by the `bootstrap` stack."""

from pydantic import Field

from sections.access import BucketName
from sections.account import AccountId
from sections.values import Section


class State(Section):
    """A bucket for state, and a key for it and for stack secrets."""

    bucket: BucketName = Field(description="Name of the bucket.", examples=["alys-state-111111111111"])
    accounts: tuple[AccountId, ...] = Field(
        default=(),
        description="Further accounts whose deploy roles (alys-*) use it.",
        examples=[["222222222222"]],
    )
