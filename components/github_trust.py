"""Trust in jobs of a GitHub environment."""

from components.iam import document, trust
from sections.access import Trust

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def provider_arn(account_id: str) -> str:
    """The account's OIDC provider for GitHub; its ARN is the same wherever it was declared."""
    return f"arn:aws:iam::{account_id}:oidc-provider/{ISSUER}"


def subject(trusted: Trust, environment: str) -> str:
    """What GitHub's token calls a job of an environment, in the form that the repository sends."""
    owner, name = trusted.repository.split("/")
    if trusted.subject == "immutable":
        owner, name = f"{owner}@{trusted.owner_id}", f"{name}@{trusted.repository_id}"
    return f"repo:{owner}/{name}:environment:{environment}"


def trust_policy(account_id: str, trusted: Trust, environment: str) -> str:
    """Exactly one environment of one repository; a branch or a fork never matches."""
    return document(
        trust(
            "Environment",
            ["sts:AssumeRoleWithWebIdentity"],
            {"Federated": provider_arn(account_id)},
            {
                "StringEquals": {
                    f"{ISSUER}:aud": AUDIENCE,
                    f"{ISSUER}:sub": subject(trusted, environment),
                }
            },
        )
    )
