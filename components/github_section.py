"""The `github` section: an environment's three faces on GitHub."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, ResourceOptions
from pulumi_github import Provider

from components.github_environment import GithubEnvironment, GithubEnvironmentArgs
from sections.github import Github, Guard

PREVIEW_REFS = ("refs/pull/*/merge",)
"""What a job of a pull request runs as; a job of a fork gets no credentials whatever this says."""


def declare_github(
    stack: str,
    github: Github,
    *,
    cloud: Mapping[str, str],
    roles: Mapping[str, Input[str]],
    secrets: Mapping[str, Input[str]],
) -> dict[str, Any]:
    """Declare the environments of a stack.

    `cloud` holds variables that say where state and cluster are, `roles` an AWS role's ARN by environment.
    """
    owner, repository = github.repository.split("/")
    opts = ResourceOptions(providers=[Provider("github", owner=owner)])
    admitted = {stack: github.deploy, f"{stack}-rollback": github.rollback}
    for name, guard in admitted.items():
        GithubEnvironment(
            name,
            GithubEnvironmentArgs(
                repository=repository,
                environment=name,
                guard=guard,
                branches=github.branches,
                tags=github.tags,
                variables=_variables(stack, github, cloud, roles.get(name)),
                secrets=secrets,
            ),
            opts,
        )
    if github.preview:
        name = f"{stack}-preview"
        GithubEnvironment(
            name,
            GithubEnvironmentArgs(
                repository=repository,
                environment=name,
                guard=Guard(prevent_self_review=False),
                branches=(*github.branches, *PREVIEW_REFS),
                variables=_variables(stack, github, cloud, roles.get(name)),
            ),
            opts,
        )
    return {"environments": [*admitted, *([f"{stack}-preview"] if github.preview else [])]}


def _variables(
    stack: str, github: Github, cloud: Mapping[str, str], role: Input[str] | None
) -> dict[str, Input[str]]:
    told: dict[str, Input[str]] = {"PULUMI_STACK": stack, **cloud}
    if role is not None:
        told["AWS_ROLE_ARN"] = role
    return {**told, **github.variables}
