"""What the node's repository enforces: the `repository` section, declared once."""

from typing import Annotated

from pydantic import Field

from sections.github import RefPattern, RepositoryPath
from sections.values import Section

ActionPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[^\s@]+@\*$")]
"""Actions of a publisher: `docker/*@*`; the version is pinned by digest where the action is used."""
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
"""A whole commit: a branch or a tag may be another one tomorrow."""


class Pipelines(Section):
    """The workflow files that call this repository's reusable workflows, at one commit of it."""

    source: RepositoryPath = Field(
        description="This repository; public, since the caller's own token has to check it out.",
        examples=["alys/alys-release"],
    )
    commit: Commit = Field(
        description="Commit of it that is called; a newer one is a change of this line.",
        examples=["3d3c42e5aac5ba805825da76410c181273ba90b1"],
    )
    folder: str = Field(default="pipelines", description="Folder that holds them.", examples=["pipelines"])
    branch: RefPattern = Field(
        default="alys-release/pipelines",
        description="Branch that they are written to; a pull request brings them to the default branch.",
        examples=["alys-release/pipelines"],
    )


class Repository(Section):
    """Rules of the node's repository."""

    repository: RepositoryPath = Field(
        description="Repository that the rules are for.", examples=["alys/alys"]
    )
    default_branch: RefPattern = Field(
        default="main", description="The branch that releases come from.", examples=["main"]
    )
    approvals: Annotated[int, Field(ge=1, le=10)] = Field(
        default=1, description="Approvals that a pull request needs.", examples=[2]
    )
    required_checks: tuple[str, ...] = Field(
        description="Checks that must pass before a merge.", examples=[["check", "test"]], min_length=1
    )
    release_tags: tuple[RefPattern, ...] = Field(
        default=("v*",), description="Tags that are signed and never move.", examples=[["v*"]]
    )
    allowed_actions: tuple[ActionPattern, ...] = Field(
        default=(),
        description="Actions that workflows may use besides GitHub's own; all are pinned by commit.",
        examples=[["aws-actions/configure-aws-credentials@*"]],
    )
    workflows_open_pull_requests: bool = Field(
        default=False,
        description="Whether workflows may open pull requests, as those do that bring a released pin back; "
        "GitHub lets them approve some, too, but never as a code owner.",
        examples=[True],
    )
    pipelines: Pipelines | None = Field(
        default=None,
        description="The workflow files that this program installs; null = none.",
        examples=[{"source": "alys/alys-release", "commit": "3d3c42e5aac5ba805825da76410c181273ba90b1"}],
    )
