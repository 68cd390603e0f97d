"""IAM documents: statements as data, a document as text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Statement = dict[str, Any]
Conditions = Mapping[str, Mapping[str, Any]]


def allow(
    sid: str, actions: Sequence[str], resources: str | Sequence[str], conditions: Conditions | None = None
) -> Statement:
    """A right; for a policy that hangs on a role."""
    return _statement("Allow", sid, actions, {"Resource": resources}, conditions)


def deny(
    sid: str, actions: Sequence[str], resources: str | Sequence[str], conditions: Conditions | None = None
) -> Statement:
    """A right that no other statement can give."""
    return _statement("Deny", sid, actions, {"Resource": resources}, conditions)


def trust(
    sid: str, actions: Sequence[str], principal: Any, conditions: Conditions | None = None
) -> Statement:
    """Who may take on a role; for the role's trust policy."""
    return _statement("Allow", sid, actions, {"Principal": principal}, conditions)


def document(*statements: Statement) -> str:
    """The JSON text of a document, the same for the same statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def service_trust(service: str, *, account: str, actions: Sequence[str] = ("sts:AssumeRole",)) -> str:
    """Trust in an AWS service, when it acts for this account and no other."""
    return document(
        trust(
            "Service",
            actions,
            {"Service": service},
            {"StringEquals": {"aws:SourceAccount": account}},
        )
    )


def _statement(
    effect: str, sid: str, actions: Sequence[str], about: dict[str, Any], conditions: Conditions | None
) -> Statement:
    statement = {"Sid": sid, "Effect": effect, "Action": list(actions), **about}
    return {**statement, "Condition": conditions} if conditions else statement
