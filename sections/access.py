"""Which GitHub jobs take on which AWS roles: the `access` section."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sections.account import KeyArn
from sections.github import RepositoryPath
from sections.values import Section

BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
"""An S3 bucket; without dots, so that TLS certificates fit."""


class Trust(Section):
    """The repository whose jobs are trusted, as GitHub's tokens name it."""

    repository: RepositoryPath = Field(description="Owner and repository.", examples=["alys/alys"])
    subject: Literal["immutable", "classic"] = Field(
        default="immutable",
        description="immutable: names and ids, for repositories made, renamed or moved after 15 July 2026; "
        "classic: names only, for older ones.",
        examples=["immutable"],
    )
    owner_id: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="`gh api users/OWNER --jq .id`", examples=[1234567]
    )
    repository_id: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="`gh api repos/OWNER/REPOSITORY --jq .id`", examples=[987654321]
    )

    @model_validator(mode="after")
    def _ids_where_they_are_needed(self) -> "Trust":
        wanted = self.subject == "immutable"
        for key, value in (("owner_id", self.owner_id), ("repository_id", self.repository_id)):
            if wanted and value is None:
                raise PydanticCustomError(
                    "id_missing",
                    "is missing; an immutable subject holds it:  gh api {path} --jq .id",
                    {
                        "key": f"access.trust.{key}",
                        "path": f"users/{self.repository.split('/')[0]}"
                        if key == "owner_id"
                        else f"repos/{self.repository}",
                    },
                )
        return self


class StateAccess(Section):
    """The bucket and the key that the stack's state and secrets are kept with."""

    bucket: BucketName = Field(description="Bucket of the state.", examples=["alys-state-111111111111"])
    key: KeyArn = Field(
        description="Key of the bucket and of the stack's secrets.",
        examples=["arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000000"],
    )


class Access(Section):
    """Roles for deployments, rollbacks and previews, each for one GitHub environment."""

    oidc_provider: bool = Field(
        default=False,
        description="Declare GitHub's token issuer here; an account has it once, in one stack.",
        examples=[True],
    )
    trust: Trust | None = Field(
        default=None,
        description="Whose jobs may take on the roles; without it there are none.",
        examples=[{"repository": "alys/alys", "owner_id": 1234567, "repository_id": 987654321}],
    )
    state: StateAccess | None = Field(
        default=None,
        description="What the roles may read and write to update the stack.",
        examples=[
            {
                "bucket": "alys-state-111111111111",
                "key": "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000000",
            }
        ],
    )

    @model_validator(mode="after")
    def _roles_reach_the_state(self) -> "Access":
        if self.trust and not self.state:
            raise PydanticCustomError(
                "state_missing",
                "is missing: a role that can't reach the state can't update the stack",
                {"key": "access.state"},
            )
        return self
