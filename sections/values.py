"""The small named types that the sections are written in."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from semver import Version as SemanticVersion


class Section(BaseModel):
    """A part of the stack file: immutable, and closed against keys that it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


TAG_GRAMMAR = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""An image tag, as the OCI distribution specification defines it."""


def _fixed_tag(version: str) -> str:
    if not re.fullmatch(TAG_GRAMMAR, version):
        raise ValueError(
            "is no image tag: letters, digits, '_', '.' and '-', at most 128, not starting with '.' or '-'"
        )
    if version.lower() == "latest":
        raise ValueError("moves by itself, so nothing could be rolled back to it; pin a version")
    return version


def semantic_version(version: str) -> SemanticVersion | None:
    """Order of a version such as `v2.1.0` or `2.1.0-rc.1`; None where the tag has no such order."""
    try:
        return SemanticVersion.parse(version.removeprefix("v"))
    except ValueError:
        return None


def _ordered(version: str) -> str:
    if semantic_version(version) is None:
        raise ValueError("is no semantic version such as v2.1.0")
    return version


def _whole_number(value: Any) -> Any:
    # Pulumi keeps top-level configuration as text, so 50 arrives as "50"; "50%", "5e1" and true don't pass.
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is no whole number")  # noqa: TRY004  pydantic collects only ValueErrors
    return value


Version = Annotated[str, AfterValidator(_fixed_tag)]
"""An image tag that is fixed by convention: never `latest`."""

OrderedVersion = Annotated[str, AfterValidator(_fixed_tag), AfterValidator(_ordered)]
"""A version that can be compared: `v2.1.0`."""

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A manifest digest, `sha256:` and 64 hex digits."""

Percent = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=100)]
"""A whole percent, 0 to 100."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
"""A Kubernetes name (RFC 1123 label)."""

ImageRepository = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$")
]
"""A registry and a path in it, without tag or digest: `ghcr.io/alys/node`."""

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|[KMGTP]i?)?$")]
"""A Kubernetes quantity: `500m`, `2Gi`."""
