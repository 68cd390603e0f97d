"""Whether the repositories are those that the roles trust, by name, id and branch, and that jobs can read."""

from collections.abc import Iterator

from checks.finding import Finding, bad, good
from checks.github import Github, Repository
from sections.access import Trust
from settings import Settings


def identity(stack: str, settings: Settings, github: Github) -> Iterator[Finding]:
    """The repository itself, the ids in its OIDC subject, and its default branch."""
    if settings.github is None:
        return
    path = settings.github.repository
    found = github.repository(path)
    if found is None:
        yield bad(
            f"repository {path} is unknown to GitHub, or hidden from this token",
            f"Pulumi.{stack}.yaml, alys:github.repository: mend it",
        )
        return
    yield from _name(stack, path, found)
    if found.default_branch not in settings.github.branches:
        yield bad(
            f"the default branch, {found.default_branch}, may not deploy",
            f"Pulumi.{stack}.yaml:\n  alys:github:\n    branches: [{found.default_branch}]",
        )
    trust = settings.access.trust if settings.access else None
    if trust and trust.subject == "immutable":
        yield from _ids(stack, trust, found)


def pipelines(stack: str, settings: Settings, github: Github) -> Iterator[Finding]:
    """The repository that jobs of the node's check out: GitHub's own token reaches no other private one."""
    installed = settings.repository.pipelines if settings.repository else None
    if installed is None:
        return
    path = installed.source
    found = github.repository(path)
    if found and not found.private:
        yield good(f"jobs of the node's repository can read {path}")
        return
    yield bad(
        f"jobs of the node's repository can't read {path}: it is private, or not there",
        f"Pulumi.{stack}.yaml, alys:repository.pipelines.source: name a public repository, or make it one:\n"
        f"gh repo edit {path} --visibility public --accept-visibility-change-consequences",
    )


def _name(stack: str, path: str, found: Repository) -> Iterator[Finding]:
    if found.full_name.lower() == path.lower():
        yield good(f"repository {path} is {found.id}, of {found.owner.id}")
    else:
        yield bad(
            f"repository {path} is called {found.full_name} now",
            f"Pulumi.{stack}.yaml, alys:github.repository: {found.full_name}",
        )


def _ids(stack: str, trust: Trust, found: Repository) -> Iterator[Finding]:
    if (trust.owner_id, trust.repository_id) == (found.owner.id, found.id):
        yield good(f"tokens of {trust.repository} carry the ids that the roles trust")
        return
    yield bad(
        f"tokens of {trust.repository} carry the ids {found.owner.id} and {found.id}, "
        f"and the roles trust {trust.owner_id} and {trust.repository_id}",
        f"Pulumi.{stack}.yaml:\n"
        "  alys:access:\n    trust:\n"
        f"      owner_id: {found.owner.id}\n      repository_id: {found.id}",
    )
