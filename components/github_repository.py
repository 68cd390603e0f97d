"""The node's repository: its rules, what its workflows may do, and the workflow files it gets."""

import re
from dataclasses import dataclass
from pathlib import Path

from pulumi import ComponentResource, ResourceOptions
from pulumi_github import (
    ActionsRepositoryPermissions,
    ActionsRepositoryPermissionsAllowedActionsConfigArgs,
    RepositoryDependabotSecurityUpdates,
    RepositoryFile,
    RepositoryRuleset,
    RepositoryRulesetConditionsArgs,
    RepositoryRulesetConditionsRefNameArgs,
    RepositoryRulesetRulesArgs,
    RepositoryRulesetRulesPullRequestArgs,
    RepositoryRulesetRulesRequiredStatusChecksArgs,
    RepositoryRulesetRulesRequiredStatusChecksRequiredCheckArgs,
    RepositoryVulnerabilityAlerts,
    WorkflowRepositoryPermissions,
)

from sections.repository import Pipelines, Repository

_LOCAL = re.compile(r"^(?P<uses>\s*uses: )\./(?P<path>\.github/workflows/\S+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class GithubRepositoryArgs:
    """What a repository's rules are made of."""

    repository: str
    """Without its owner, which the provider knows."""
    rules: Repository


class GithubRepository(ComponentResource):
    """A repository that nobody can go around; no ruleset has a bypass."""

    def __init__(self, name: str, args: GithubRepositoryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:GithubRepository", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self._guard_branch(name, args)
        self._guard_tags(name, args)
        self._limit_workflows(name, args)
        alerts = RepositoryVulnerabilityAlerts(
            f"{name}-alerts", repository=args.repository, enabled=True, opts=self._child
        )
        RepositoryDependabotSecurityUpdates(
            f"{name}-security-updates",
            repository=args.repository,
            enabled=True,
            # GitHub refuses them while alerts are off.
            opts=ResourceOptions(parent=self, depends_on=[alerts]),
        )
        if args.rules.pipelines:
            self._install(name, args, args.rules.pipelines)
        self.register_outputs({})

    def _guard_branch(self, name: str, args: GithubRepositoryArgs) -> None:
        rules = args.rules
        RepositoryRuleset(
            f"{name}-branch",
            name=f"{rules.default_branch}: reviewed, checked, never rewritten",
            repository=args.repository,
            target="branch",
            enforcement="active",
            conditions=_refs(f"refs/heads/{rules.default_branch}"),
            rules=RepositoryRulesetRulesArgs(
                deletion=True,
                non_fast_forward=True,
                required_signatures=True,
                pull_request=RepositoryRulesetRulesPullRequestArgs(
                    required_approving_review_count=rules.approvals,
                    dismiss_stale_reviews_on_push=True,
                    require_code_owner_review=True,
                    require_last_push_approval=True,
                    required_review_thread_resolution=True,
                ),
                required_status_checks=RepositoryRulesetRulesRequiredStatusChecksArgs(
                    strict_required_status_checks_policy=True,
                    required_checks=[
                        RepositoryRulesetRulesRequiredStatusChecksRequiredCheckArgs(context=check)
                        for check in rules.required_checks
                    ],
                ),
            ),
            opts=self._child,
        )

    def _guard_tags(self, name: str, args: GithubRepositoryArgs) -> None:
        RepositoryRuleset(
            f"{name}-tags",
            name="release tags: signed, never moved",
            repository=args.repository,
            target="tag",
            enforcement="active",
            conditions=_refs(*(f"refs/tags/{tag}" for tag in args.rules.release_tags)),
            rules=RepositoryRulesetRulesArgs(
                deletion=True, non_fast_forward=True, update=True, required_signatures=True
            ),
            opts=self._child,
        )

    def _limit_workflows(self, name: str, args: GithubRepositoryArgs) -> None:
        ActionsRepositoryPermissions(
            f"{name}-actions",
            repository=args.repository,
            enabled=True,
            sha_pinning_required=True,
            allowed_actions="selected",
            allowed_actions_config=ActionsRepositoryPermissionsAllowedActionsConfigArgs(
                github_owned_allowed=True,
                verified_allowed=False,
                patterns_alloweds=[*args.rules.allowed_actions, *_called(args.rules.pipelines)],
            ),
            opts=self._child,
        )
        WorkflowRepositoryPermissions(
            f"{name}-token",
            repository=args.repository,
            default_workflow_permissions="read",
            # One switch for opening and approving; no bot is a code owner, so its approval lets nothing in.
            can_approve_pull_request_reviews=args.rules.workflows_open_pull_requests,
            opts=self._child,
        )

    def _install(self, name: str, args: GithubRepositoryArgs, pipelines: Pipelines) -> None:
        for file in workflow_files(pipelines):
            RepositoryFile(
                f"{name}-pipeline-{file.name}",
                repository=args.repository,
                file=f".github/workflows/{file.name}",
                content=caller(file.read_text(), pipelines),
                # Not the default branch: its ruleset takes nothing that wasn't reviewed.
                branch=pipelines.branch,
                autocreate_branch=True,
                autocreate_branch_source_branch=args.rules.default_branch,
                commit_message=f"ci: update {file.name}",
                overwrite_on_create=True,
                opts=self._child,
            )


def workflow_files(pipelines: Pipelines) -> list[Path]:
    """The workflow files of a folder, in a stable order; none where there is no such folder."""
    return sorted(Path(pipelines.folder).glob("*.y*ml"))


def caller(text: str, pipelines: Pipelines) -> str:
    """A workflow file as the node's repository gets it: what it calls in this one, by commit."""
    return _LOCAL.sub(rf"\g<uses>{pipelines.source}/\g<path>@{pipelines.commit}", text)


def _called(pipelines: Pipelines | None) -> list[str]:
    return [f"{pipelines.source}/*@*"] if pipelines else []


def _refs(*includes: str) -> RepositoryRulesetConditionsArgs:
    return RepositoryRulesetConditionsArgs(
        ref_name=RepositoryRulesetConditionsRefNameArgs(includes=list(includes), excludes=[])
    )
