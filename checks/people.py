"""Whether GitHub knows the reviewers that a stack file names."""

from collections.abc import Iterator

from checks.finding import Finding, bad, good
from checks.github import Github
from sections.github import Github as Section
from sections.github import Reviewers

_SEEN = "a token without read:org sees no team of a private organization"


def reviewers(stack: str, section: Section, github: Github) -> Iterator[Finding]:
    """One finding for each name."""
    owner = section.repository.partition("/")[0]
    for part, guard in (("deploy", section.deploy), ("rollback", section.rollback)):
        yield from _named(f"Pulumi.{stack}.yaml, alys:github.{part}", guard.reviewers, owner, github)


def _named(where: str, named: Reviewers, owner: str, github: Github) -> Iterator[Finding]:
    for login in named.users:
        user = github.user(login)
        yield (
            good(f"user {login} is {user.id}")
            if user
            else bad(f"user {login} is unknown to GitHub", f"{where}.reviewers.users: mend or remove it")
        )
    for slug in named.teams:
        team = github.team(owner, slug)
        yield (
            good(f"team {owner}/{slug} is {team.id}")
            if team
            else bad(
                f"team {owner}/{slug} is unknown to GitHub, or hidden from this token",
                f"{where}.reviewers.teams: mend or remove it; {_SEEN}",
            )
        )
