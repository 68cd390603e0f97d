"""The `github` section: an environment's three faces on GitHub."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, ResourceOptions, RunError
from pulumi_github import ActionsVariable, Provider

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
    provider = Provider("github", owner=owner)
    opts = ResourceOptions(providers=[provider])
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
    if github.runner:
        ActionsVariable(
            "runner",
            repository=repository,
            variable_name=runner_variable(stack),
            value=github.runner,
            opts=ResourceOptions(provider=provider),
        )
    return {"environments": [*admitted, *([f"{stack}-preview"] if github.preview else [])]}


def runner_variable(stack: str) -> str:
    """Of the repository: GitHub picks a job's runner before it reads the variables of its environment."""
    if "-" in stack:
        raise RunError(
            f"Pulumi.{stack}.yaml: alys:github.runner can't be had where the name has a dash: workflows "
            f"look it up as variable RUNNER_{stack}, and GitHub's variables have none; nothing was changed."
        )
    return f"RUNNER_{stack.upper()}"


def _variables(
    stack: str, github: Github, cloud: Mapping[str, str], role: Input[str] | None
) -> dict[str, Input[str]]:
    told: dict[str, Input[str]] = {"PULUMI_STACK": stack, "PIN_BY": github.pin_by, **cloud}
    if role is not None:
        told["AWS_ROLE_ARN"] = role
    return {**told, **github.variables}
