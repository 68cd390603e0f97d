"""Which workflow may become a role: exactly one GitHub environment."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy.declaration import Declaration
from policy.rule import Rule, mapping
from policy.rules.iam_document import texts, trusted

ISSUER = "token.actions.githubusercontent.com"
_REMEDY = f"write StringEquals on {ISSUER}:sub with repo:...:environment:NAME"


def _exact_subject(declaration: Declaration) -> Iterator[str]:
    for statement in trusted(declaration):
        federated = texts(mapping(statement.get("Principal")).get("Federated"))
        if statement.get("Effect") == "Allow" and any(ISSUER in principal for principal in federated):
            yield from _conditions(mapping(statement.get("Condition")))


def _conditions(conditions: Mapping[str, Any]) -> Iterator[str]:
    exact = mapping(conditions.get("StringEquals"))
    if texts(exact.get(f"{ISSUER}:aud")) != ["sts.amazonaws.com"]:
        yield f"it trusts tokens made for others; write StringEquals on {ISSUER}:aud with sts.amazonaws.com"
    subjects = texts(exact.get(f"{ISSUER}:sub"))
    if not subjects:
        yield f"it trusts every workflow on GitHub that its other conditions let in; {_REMEDY}"
    for subject in subjects:
        if set("*?") & set(subject):
            yield f"subject {subject} has a wildcard; {_REMEDY}"
        elif not subject.startswith("repo:") or ":environment:" not in subject:
            yield f"subject {subject} is no GitHub environment, so nobody approves; {_REMEDY}"


EXACT_SUBJECT = Rule(
    name="oidc-exact-subject",
    reason="A subject with a wildcard lets in branches, pull requests and repositories that nobody approved.",
    check=_exact_subject,
)
