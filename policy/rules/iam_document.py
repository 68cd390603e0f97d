"""IAM policy documents, wherever a resource carries one."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from policy.declaration import Declaration, known
from policy.rule import items, mapping

_IDENTITY = {
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
}
_ROLE = "aws:iam/role:Role"


def granted(declaration: Declaration) -> Iterator[Mapping[str, Any]]:
    """Statements of what the holder of an identity may do."""
    if declaration.type in _IDENTITY:
        yield from _statements(declaration.inputs.get("policy"))
    if declaration.type == _ROLE:
        for inline in items(declaration.inputs.get("inlinePolicies")):
            yield from _statements(mapping(inline).get("policy"))


def trusted(declaration: Declaration) -> Iterator[Mapping[str, Any]]:
    """Statements of who may become a role."""
    if declaration.type == _ROLE:
        yield from _statements(declaration.inputs.get("assumeRolePolicy"))


def texts(value: Any) -> list[str]:
    """IAM writes one text or a list of them."""
    return [str(known(one)) for one in items(value)]


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    document = known(document)
    if isinstance(document, str):
        document = json.loads(document)
    for statement in items(mapping(document).get("Statement")):
        if isinstance(statement, Mapping):
            yield cast("Mapping[str, Any]", statement)
