"""A GitHub environment: who approves, which refs reach it, and what its jobs are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, InvokeOutputOptions, Output, ResourceOptions
from pulumi_github import (
    ActionsEnvironmentSecret,
    ActionsEnvironmentVariable,
    RepositoryEnvironment,
    RepositoryEnvironmentDeploymentBranchPolicyArgs,
    RepositoryEnvironmentDeploymentPolicy,
)

from components.github_reviewers import reviewer_ids
from sections.github import Guard


@dataclass(frozen=True, kw_only=True)
class GithubEnvironmentArgs:
    """What an environment is made of."""

    repository: str
    """Without its owner, which the provider knows."""
    environment: str
    guard: Guard
    branches: tuple[str, ...]
    tags: tuple[str, ...] = ()
    variables: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    secrets: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])


class GithubEnvironment(ComponentResource):
    """An environment that no administrator can go around."""

    environment: Output[str]

    def __init__(self, name: str, args: GithubEnvironmentArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:GithubEnvironment", name, None, opts)
        self._child = ResourceOptions(parent=self)
        environment = RepositoryEnvironment(
            f"{name}-environment",
            repository=args.repository,
            environment=args.environment,
            # GitHub's default is true, and would make every rule below a suggestion.
            can_admins_bypass=False,
            prevent_self_review=args.guard.prevent_self_review,
            wait_timer=args.guard.wait_minutes,
            reviewers=reviewer_ids(args.guard.reviewers, InvokeOutputOptions(parent=self)),
            # The OIDC subject of an environment carries no branch, so the environment itself has to.
            deployment_branch_policy=RepositoryEnvironmentDeploymentBranchPolicyArgs(
                protected_branches=False, custom_branch_policies=True
            ),
            opts=self._child,
        )
        self.environment = environment.environment
        self._admit_refs(name, args)
        self._tell(name, args)
        self.register_outputs({"environment": self.environment})

    def _admit_refs(self, name: str, args: GithubEnvironmentArgs) -> None:
        for branch in args.branches:
            RepositoryEnvironmentDeploymentPolicy(
                f"{name}-branch-{branch}",
                repository=args.repository,
                environment=self.environment,
                branch_pattern=branch,
                opts=self._child,
            )
        for tag in args.tags:
            RepositoryEnvironmentDeploymentPolicy(
                f"{name}-tag-{tag}",
                repository=args.repository,
                environment=self.environment,
                tag_pattern=tag,
                opts=self._child,
            )

    def _tell(self, name: str, args: GithubEnvironmentArgs) -> None:
        for variable, value in args.variables.items():
            ActionsEnvironmentVariable(
                f"{name}-variable-{variable}",
                repository=args.repository,
                environment=self.environment,
                variable_name=variable,
                value=value,
                opts=self._child,
            )
        for secret, value in args.secrets.items():
            ActionsEnvironmentSecret(
                f"{name}-secret-{secret}",
                repository=args.repository,
                environment=self.environment,
                secret_name=secret,
                value=Output.secret(value),
                opts=self._child,
            )
