"""How the cluster gets the node's image: the `registry` section."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sections.github import Login, RepositoryPath
from sections.values import Section

UPSTREAM = "ghcr.io"
"""The registry that the pipelines push to."""

CachePrefix = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$", min_length=2, max_length=30)
]
"""First part of a cached image's name in ECR."""

Ref = Annotated[str, StringConstraints(pattern=r"^refs/(heads|tags)/[^\s*][^\s]{0,199}$")]
"""A branch or tag in full, or a pattern of them; it can't let every ref in."""


class Attestation(Section):
    """Whose build an image must be before it is deployed; its attestation on GitHub says it."""

    repository: RepositoryPath = Field(description="Repository that built it.", examples=["alys/alys"])
    workflow: str = Field(
        description="Workflow that built it, as OWNER/REPOSITORY/.github/workflows/FILE.",
        examples=["alys/alys-release/.github/workflows/image.yml"],
        pattern=r"^[^/\s]+/[^/\s]+/\.github/workflows/[^/\s@]+\.ya?ml$",
    )
    refs: tuple[Ref, ...] = Field(
        default=("refs/heads/main", "refs/tags/v*"),
        min_length=1,
        description="Refs of the repository that may be deployed, or patterns: what has been reviewed.",
        examples=[["refs/heads/main"]],
    )


class Registry(Section):
    """Access to GHCR, through a cache in the account or straight."""

    mode: Literal["cache", "direct"] = Field(
        default="cache",
        description="cache: nodes pull through ECR, and go on when GHCR is down; direct: from the image's "
        "own registry, with a pull secret, and without an account.",
        examples=["cache"],
    )
    username: Login = Field(
        description="User of the token in alys:registry_token, whose one right is to read (read:packages).",
        examples=["alys-bot"],
    )
    prefix: CachePrefix | None = Field(
        default=None,
        description="First part of the cached image's name; without one ghcr-<stack>.",
        examples=["ghcr-staging"],
    )
    attestation: Attestation | None = Field(
        default=None,
        description="Whose builds may be deployed; without it any image that is pinned by digest.",
        examples=[{"repository": "alys/alys", "workflow": "alys/alys-release/.github/workflows/image.yml"}],
    )
