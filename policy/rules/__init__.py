"""The rules; a new one stands in a module of its own and is listed here."""

from policy.rule import ProgramRule, Rule
from policy.rules import (
    buckets,
    encryption,
    environments,
    iam_wildcards,
    images,
    oidc_trust,
    plain_secrets,
    pod_security,
    protection,
    public_endpoints,
    tags,
)

RULES: tuple[Rule, ...] = (
    images.BY_DIGEST,
    images.ALLOWED_REGISTRY,
    images.NO_LATEST,
    pod_security.RESTRICTED,
    public_endpoints.LIMITED,
    encryption.ENCRYPTED,
    iam_wildcards.NO_WILDCARDS,
    oidc_trust.EXACT_SUBJECT,
    environments.NO_BYPASS,
    environments.OWN_REFS,
    protection.PROTECTED,
    tags.TAGGED,
    plain_secrets.NO_PLAIN_SECRETS,
)
PROGRAM_RULES: tuple[ProgramRule, ...] = (buckets.CLOSED,)
