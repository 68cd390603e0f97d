"""Property values between the engine's wire format and plain Python, secrets and unknowns included."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

# The key that marks an object as something else, and two of the marks (sdk/go/common/resource/properties.go).
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  it is public
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
# The engine has one unknown for each kind of value (sdk/go/common/resource/plugin/rpc.go).
_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

# A path of map keys and list indexes from the top of a property bag.
Path = tuple[str | int, ...]


class Unknown:
    """A value that is known only once something else exists. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in the state and hides on the screen."""

    value: Any

    def __repr__(self) -> str:
        return "Secret([secret])"


def decode(bag: struct_pb2.Struct) -> dict[str, Any]:
    """Return a property bag as Python values, with `Secret` and `UNKNOWN` where the engine says so."""
    return {key: _decode(bag.fields[key]) for key in bag.fields}


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _unmarked(decode(value.struct_value))
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _unmarked(fields: dict[str, Any]) -> Any:
    """Return what a marked object stands for; one without a mark, or an asset, stands for itself."""
    mark = fields.get(SIGNATURE)
    if mark == SECRET:
        return Secret(fields.get("value"))
    if mark == OUTPUT:
        inner = fields.get("value", UNKNOWN)
        return Secret(inner) if fields.get("secret") else inner
    return fields


def encode(bag: dict[str, Any]) -> struct_pb2.Struct:
    """Return Python values as a property bag; the inverse of `decode`."""
    struct = struct_pb2.Struct()
    for key, value in bag.items():
        struct.fields[key].CopyFrom(_encode(value))
    return struct


def _encode(value: Any) -> struct_pb2.Value:  # noqa: PLR0911  one line for each kind of value
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case Unknown():
            return struct_pb2.Value(string_value=rpc.UNKNOWN)
        case Secret(inner):
            return struct_pb2.Value(struct_value=encode({SIGNATURE: SECRET, "value": inner}))
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case dict():
            return struct_pb2.Value(struct_value=encode(cast("dict[str, Any]", value)))
        case _:
            items = [_encode(item) for item in cast("Iterable[Any]", value)]
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))


def plain(value: Any) -> Any:
    """Return a copy of `value` with the secrets' own values in place of `Secret`."""
    return _rebuild(value, plain)


def _rebuild(value: Any, each: Callable[[Any], Any]) -> Any:
    match value:
        case Secret(inner):
            return each(inner)
        case dict():
            return {key: each(item) for key, item in cast("dict[str, Any]", value).items()}
        case list():
            return [each(item) for item in cast("list[Any]", value)]
        case _:
            return value


def leaves(value: Any) -> Iterator[Any]:
    """Walk over `value` and everything in it."""
    yield value
    match value:
        case Secret(inner):
            yield from leaves(inner)
        case dict():
            for item in cast("dict[str, Any]", value).values():
                yield from leaves(item)
        case list():
            for item in cast("list[Any]", value):
                yield from leaves(item)
        case _:
            pass


def has_unknowns(value: Any) -> bool:
    """Say whether anything in `value` is not known yet."""
    return any(leaf is UNKNOWN for leaf in leaves(value))


def conceal(value: Any, like: Any) -> Any:
    """Return `value` with everything secret that is secret at the same place in `like`.

    A list with a secret anywhere in it becomes one secret: its items may have moved.
    """
    if isinstance(value, dict) and isinstance(like, dict):
        known = cast("dict[str, Any]", like)
        items = cast("dict[str, Any]", value).items()
        return {key: conceal(item, known[key]) if key in known else item for key, item in items}
    if not isinstance(value, Secret) and any(isinstance(leaf, Secret) for leaf in leaves(like)):
        return Secret(value)
    return cast("Any", value)


def at(value: Any, *path: str | int) -> Any:
    """Return what stands at `path`, looking through secrets: None if nothing does, UNKNOWN if unknown."""
    for step in path:
        while isinstance(value, Secret):
            value = value.value
        if value is UNKNOWN:
            return UNKNOWN
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    while isinstance(value, Secret):
        value = value.value
    return value
