"""Reviewers by name, as the ids that GitHub wants."""

from pulumi import InvokeOutputOptions
from pulumi_github import RepositoryEnvironmentReviewerArgs, get_team_output, get_user_output

from sections.github import Reviewers


def reviewer_ids(
    reviewers: Reviewers, opts: InvokeOutputOptions
) -> list[RepositoryEnvironmentReviewerArgs] | None:
    """Look each name up; the engine stops at one that GitHub doesn't know."""
    if not reviewers.users and not reviewers.teams:
        return None
    return [
        RepositoryEnvironmentReviewerArgs(
            users=[get_user_output(username=login, opts=opts).id.apply(int) for login in reviewers.users],
            # Without the summary the provider lists every member of the team.
            teams=[
                get_team_output(slug=slug, summary_only=True, opts=opts).id.apply(int)
                for slug in reviewers.teams
            ],
        )
    ]
