"""A resource as it was declared, in the words of the engine's wire format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the wire's mark of a secret, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Signatures from `sdk/go/common/resource` of Pulumi."""


class Unknown(Enum):
    """A value that only an update will know."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that the state keeps encrypted; it shows itself to nobody by accident."""

    value: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A resource and what it was declared with."""

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Any]
    protect: bool = False
    provider: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The inputs of its provider."""
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """URNs that an input's value comes from, by input."""


def from_wire(value: Any) -> Any:
    """A value of the engine's, with `Secret` and `UNKNOWN` where its signatures were."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        signature = mapping.get(_SIGNATURE)
        if signature == _SECRET:
            return Secret(from_wire(mapping.get("value")))
        if signature == _OUTPUT:
            known = from_wire(mapping["value"]) if "value" in mapping else UNKNOWN
            return Secret(known) if mapping.get("secret") else known
        return {key: from_wire(one) for key, one in mapping.items()}
    if isinstance(value, list):
        return [from_wire(one) for one in cast("list[Any]", value)]
    return UNKNOWN if value == _UNKNOWN else value


def known(value: Any) -> Any:
    """The value, whether secret or not; None where only an update will know it."""
    value = value.value if isinstance(value, Secret) else value
    return None if value is UNKNOWN else value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value inside, by path; a `Secret` is one, whatever it holds."""
    if isinstance(value, Mapping):
        for key, one in cast("Mapping[str, Any]", value).items():
            yield from leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, one in enumerate(cast("list[Any]", value)):
            yield from leaves(one, f"{path}[{index}]")
    else:
        yield path, value
