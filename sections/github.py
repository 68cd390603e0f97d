"""Who may deploy, roll back and preview: the `github` section of an environment."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from sections.values import Section

REVIEWERS_AT_MOST = 6
"""GitHub's own limit, users and teams together."""

RepositoryPath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}$")
]
"""An owner and a repository: `alys/alys`."""

Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?$")]
"""A GitHub user name."""

TeamSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]{0,98}[a-z0-9])?$")]
"""A team as its address names it: `release-managers`."""

RefPattern = Annotated[str, StringConstraints(pattern=r"^[^\s*][^\s]{0,99}$")]
"""A branch or tag, or a pattern of them; it can't begin with `*`, which would let every ref in."""


def _not_githubs_own(name: str) -> str:
    if name.startswith("GITHUB_"):
        raise ValueError("begins with GITHUB_, which GitHub keeps for itself")
    return name


VariableName = Annotated[
    str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]{0,99}$"), AfterValidator(_not_githubs_own)
]
"""A name that GitHub accepts for a variable or a secret."""

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
"""A page."""

RunnerLabel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""What a workflow's job asks for with `runs-on`."""

SecretNames: TypeAdapter[dict[str, str]] = TypeAdapter(dict[VariableName, Annotated[str, Field(strict=True)]])


class Reviewers(Section):
    """People of whom one has to approve."""

    users: tuple[Login, ...] = Field(
        default=(), description="Users, by their GitHub name.", examples=[["octocat"]]
    )
    teams: tuple[TeamSlug, ...] = Field(
        default=(), description="Teams of the repository's owner, by slug.", examples=[["release-managers"]]
    )

    @model_validator(mode="after")
    def _as_many_as_github_takes(self) -> "Reviewers":
        count = len(self.users) + len(self.teams)
        if count > REVIEWERS_AT_MOST:
            raise PydanticCustomError(
                "too_many_reviewers",
                "are {count} users and teams, and GitHub takes {limit}; make a team of them",
                {"count": count, "limit": REVIEWERS_AT_MOST},
            )
        return self


class Guard(Section):
    """What stands between a job and a GitHub environment; an administrator can't go around it."""

    reviewers: Reviewers = Field(
        default_factory=Reviewers,
        description="One of these approves each run; nobody listed = no approval.",
        examples=[{"teams": ["release-managers"]}],
    )
    wait_minutes: Annotated[int, Field(ge=0, le=43_200)] = Field(
        default=0, description="Minutes that a job waits before it starts.", examples=[10]
    )
    prevent_self_review: bool = Field(
        default=True, description="Whoever started a run can't approve it.", examples=[True]
    )


class Github(Section):
    """An environment on GitHub: NAME for deployments, NAME-rollback, and NAME-preview for pull requests."""

    repository: RepositoryPath = Field(
        description="Repository whose workflows deploy: the one with the stack files.",
        examples=["alys/alys-release"],
    )
    branches: tuple[RefPattern, ...] = Field(
        default=("main",), description="Branches that may deploy and roll back.", examples=[["main"]]
    )
    tags: tuple[RefPattern, ...] = Field(
        default=("v*",), description="Tags that may deploy and roll back.", examples=[["v*"]]
    )
    deploy: Guard = Field(default_factory=Guard, description="Before a deployment.")
    rollback: Guard = Field(
        default_factory=Guard,
        description="Before a rollback; an approval for a deployment is none for it.",
        examples=[{"reviewers": {"teams": ["on-call"]}}],
    )
    url: Url | None = Field(
        default=None,
        description="Where the environment can be seen, such as its dashboard; GitHub shows it beside each "
        "deployment.",
        examples=["https://grafana.staging.alys.example/d/alys-node"],
    )
    preview: bool = Field(
        default=True,
        description="Also an environment for previews: nobody approves, and its role can only read.",
        examples=[True],
    )
    runner: RunnerLabel | None = Field(
        default=None,
        description="Label of the runners that its jobs need, such as those inside the network of a cluster "
        "with a private endpoint; each lives for one job, since previews run there too. null = GitHub's own.",
        examples=["alys-staging"],
    )
    pin_by: Literal["pull-request", "commit"] = Field(
        default="pull-request",
        description="How a pipeline brings a pin that it released back into the branch; commit where the "
        "branch's rules let GitHub Actions write to it.",
        examples=["pull-request"],
    )
    variables: dict[VariableName, str] = Field(
        default_factory=dict,
        description="More variables for the workflows, public to everyone who reads their logs.",
        examples=[{"PROMETHEUS_URL": "https://prometheus.staging.alys.example"}],
    )
