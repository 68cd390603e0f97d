"""What an identity may do: named things, or named actions."""

import re
from collections.abc import Iterator

from policy.declaration import Declaration, known
from policy.rule import Rule
from policy.rules.iam_document import granted, texts

READS = re.compile(r"^[a-z0-9-]+:(Describe|Get|List|View|BatchGet)[A-Za-z]*\*$")
"""Wildcards that only read; many of these actions take no resource."""
_EVERYTHING = ("/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess")


def _no_wildcards(declaration: Declaration) -> Iterator[str]:
    for statement in granted(declaration):
        if statement.get("Effect") != "Allow":
            continue
        if "NotAction" in statement:
            yield "it allows everything but a list (NotAction), and AWS adds actions; list what it may do"
        wide = [
            action for action in texts(statement.get("Action")) if "*" in action and not READS.match(action)
        ]
        if wide and ("*" in texts(statement.get("Resource")) or "NotResource" in statement):
            yield f"it allows {', '.join(wide)} on every resource; name the actions or the resources"
    if declaration.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        arn = str(known(declaration.inputs.get("policyArn")))
        if arn.endswith(_EVERYTHING):
            yield f"it attaches {arn.rpartition('/')[2]}, which allows everything; write what the role needs"


NO_WILDCARDS = Rule(
    name="iam-no-wildcards",
    reason="A stolen role must open what it was for, and nothing else.",
    check=_no_wildcards,
)
