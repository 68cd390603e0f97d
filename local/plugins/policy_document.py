"""An IAM policy document in JSON, from the arguments of `aws.iam.getPolicyDocument`."""

import json
from typing import Any

# Arguments of a statement to the keys of the document.
_LISTS = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def render(arguments: dict[str, Any]) -> str:
    """Return the document; like the provider's, a list of one is written as its item."""
    document: dict[str, Any] = {"Version": arguments.get("version") or "2012-10-17"}
    if policy_id := arguments.get("policyId"):
        document["Id"] = policy_id
    statements: list[dict[str, Any]] = arguments.get("statements") or []
    document["Statement"] = [_statement(given) for given in statements]
    return json.dumps(document, indent=2)


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    statement["Effect"] = given.get("effect") or "Allow"
    for argument, key in _LISTS.items():
        if given.get(argument):
            statement[key] = _one_or_list(given[argument])
    for argument, key in _PRINCIPALS.items():
        if given.get(argument):
            statement[key] = _principals(given[argument])
    conditions: dict[str, dict[str, Any]] = {}
    asked: list[dict[str, Any]] = given.get("conditions") or []
    for condition in asked:
        conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_list(
            condition["values"]
        )
    return statement | ({"Condition": conditions} if conditions else {})


def _principals(given: list[dict[str, Any]]) -> Any:
    if any(principal["type"] == "*" for principal in given):
        return "*"
    return {principal["type"]: _one_or_list(principal["identifiers"]) for principal in given}


def _one_or_list(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items
