"""The AWS account that a stack's resources are in: the `account` section."""

from typing import Annotated

from pydantic import Field, StringConstraints

from sections.values import Name, Section

AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
"""An AWS account's number, quoted in YAML: `"111111111111"`."""

Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z]+-[0-9]$")]
"""An AWS region of the commercial partition: `us-east-1`."""

RoleArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws:iam::[0-9]{12}:role/([!-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}$")
]
"""An IAM role."""

KeyArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[A-Za-z0-9/_-]+$")
]
"""A KMS key."""

TagKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _./=+@-]{0,127}$")]
"""A tag's key; without `:`, as AWS keeps `aws:` for itself."""
TagValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _.:/=+@-]{0,256}$")]


class Account(Section):
    """Where, and in whose name, AWS resources are made; the provider refuses any other account."""

    id: AccountId = Field(description="Number of the account, in quotes.", examples=["111111111111"])
    region: Region = Field(default="us-east-1", description="Region.", examples=["us-east-1"])
    owner: Name = Field(description="Team that answers for it, as a tag.", examples=["platform"])
    tags: dict[TagKey, TagValue] = Field(
        default_factory=dict,
        description="Further tags; project, environment, owner and managed-by are always there.",
        examples=[{"cost-center": "4711"}],
    )
