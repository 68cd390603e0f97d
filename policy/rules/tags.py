"""Who pays for it and whose it is."""

from collections.abc import Iterator

from policy.declaration import UNKNOWN, Declaration
from policy.rule import Rule, mapping

REQUIRED = ("project", "environment", "owner", "managed-by")


def _tagged(declaration: Declaration) -> Iterator[str]:
    if not declaration.type.startswith("aws:"):
        return
    given = mapping(mapping(declaration.provider.get("defaultTags")).get("tags"))
    own = declaration.inputs.get("tags")
    tags = {**given, **mapping(own)}
    missing = [tag for tag in REQUIRED if not tags.get(tag)]
    if missing and own is not UNKNOWN:
        yield f"it lacks the tags {', '.join(missing)}; give them to its provider as defaultTags"


TAGGED = Rule(
    name="required-tags",
    reason="A resource without an owner is nobody's cost and nobody's to remove.",
    check=_tagged,
)
