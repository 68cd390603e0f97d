"""Who pays for it and whose it is."""

import json
from collections.abc import Iterator
from typing import Any

from policy.declaration import UNKNOWN, Declaration, known
from policy.rule import Rule, mapping

REQUIRED = ("project", "environment", "owner", "managed-by")


def _tagged(declaration: Declaration) -> Iterator[str]:
    if not declaration.type.startswith("aws:"):
        return
    given = mapping(mapping(_decoded(declaration.provider.get("defaultTags"))).get("tags"))
    own = declaration.inputs.get("tags")
    tags = {**given, **mapping(own)}
    missing = [tag for tag in REQUIRED if not tags.get(tag)]
    if missing and own is not UNKNOWN:
        yield f"it lacks the tags {', '.join(missing)}; give them to its provider as defaultTags"


def _decoded(value: Any) -> Any:
    # Nested inputs reach a provider as JSON.
    value = known(value)
    return json.loads(value) if isinstance(value, str) else value


TAGGED = Rule(
    name="required-tags",
    reason="A resource without an owner is nobody's cost and nobody's to remove.",
    check=_tagged,
)
