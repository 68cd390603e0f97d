"""The `repository` section: the rules of the node's repository."""

from typing import Any

from pulumi import ResourceOptions
from pulumi_github import Provider

from components.github_repository import GithubRepository, GithubRepositoryArgs, workflow_files
from sections.repository import Repository


def declare_repository(rules: Repository) -> dict[str, Any]:
    """Declare the rules; the pull request for the workflow files is opened by hand, at the address given."""
    owner, name = rules.repository.split("/")
    GithubRepository(
        "repository",
        GithubRepositoryArgs(repository=name, rules=rules),
        ResourceOptions(providers=[Provider("github", owner=owner)]),
    )
    if rules.pipelines is None or not workflow_files(rules.pipelines):
        return {"repository": rules.repository}
    compared = f"{rules.default_branch}...{rules.pipelines.branch}"
    return {
        "repository": rules.repository,
        "pipelinesPullRequest": f"https://github.com/{rules.repository}/compare/{compared}?expand=1",
    }
