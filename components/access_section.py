"""The `access` section: the trust in GitHub, and a role for each environment there."""

from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.aws_account import Place
from components.deploy_role import DeployRole, DeployRoleArgs
from components.github_trust import AUDIENCE, ISSUER
from components.release_policies import Scope, boundary, preview_policy, release_policy
from sections.access import Access

DEPLOY_HOURS, SHORT_HOURS = 4, 1
"""A deployment soaks between its steps; a rollback or a preview that takes an hour is broken."""


def declare_access(where: Place, access: Access) -> dict[str, Output[str]]:
    """Declare the roles of a stack; their ARNs by GitHub environment."""
    stack, account, provider = where.stack, where.account, where.provider
    if access.oidc_provider:
        iam.OpenIdConnectProvider(
            "github-tokens",
            url=f"https://{ISSUER}",
            client_id_lists=[AUDIENCE],
            opts=ResourceOptions(provider=provider, protect=True),
        )
    if access.trust is None or access.state is None:
        return {}
    scope = Scope(stack=stack, account=account, state=access.state)
    limit = iam.Policy(
        "boundary",
        name=f"alys-{stack}-boundary",
        description=f"All that a role of {stack} can be given",
        policy=boundary(scope),
        opts=ResourceOptions(provider=provider),
    )
    faces = {
        "deploy": (stack, release_policy(scope), DEPLOY_HOURS),
        "rollback": (f"{stack}-rollback", release_policy(scope), SHORT_HOURS),
        "preview": (f"{stack}-preview", preview_policy(scope), SHORT_HOURS),
    }
    return {
        environment: DeployRole(
            name,
            DeployRoleArgs(
                account_id=account.id,
                environment=environment,
                trust=access.trust,
                policy=policy,
                boundary_arn=limit.arn,
                session_hours=hours,
            ),
            where.inside,
        ).arn
        for name, (environment, policy, hours) in faces.items()
    }
