"""What a wrong stack file is answered with: each mistake by key and value, and the YAML to paste."""

import difflib
import json
import types
import typing
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Path = tuple[str, ...]


class UnusableError(Exception):
    """A stack file or a Kubernetes context that can't be used; the message is whole, and for people."""


_SAID_PLAINLY = {
    "extra_forbidden": "is no key that this program knows",
    "missing": "is missing",
    "model_type": "is no mapping of keys to values",
    "dict_type": "is no mapping of keys to values",
    "bool_type": "is neither true nor false",
    "string_type": "is no text",
    "int_type": "is no whole number",
}
_SHOWN_AT_MOST = 80
_TYPE_TAGS = {"bool", "int", "float", "str", "[key]"}
"""What pydantic appends to the path of a mistake in a union or in a mapping's key."""


def describe(error: ValidationError, stack: str, model: type[BaseModel]) -> str:
    """One message for all mistakes in a stack's settings."""
    mistakes = dict(_mistakes(error, model))
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return "\n".join([f"Pulumi.{stack}.yaml has {count}; nothing was changed.", *mistakes.values()])


def _mistakes(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    for details in error.errors():
        path = _path(details)
        yield (
            path,
            f"\n  alys:{'.'.join(path)}{_shown(details)} {_reason(details)}\n{_remedy(path, details, model)}",
        )


def _path(details: ErrorDetails) -> Path:
    if key := details.get("ctx", {}).get("key"):
        return tuple(str(key).split("."))
    path = tuple(str(part) for part in details["loc"] if part not in _TYPE_TAGS)
    path = path[1:] if path[0] == "pin" else path
    return path[:-1] if path[0] == "flags" and path[-1] == "value" else path


def _is_key(details: ErrorDetails) -> bool:
    return details["loc"][-1:] == ("[key]",)


def _shown(details: ErrorDetails) -> str:
    # An unknown key may hold anything, so its value isn't repeated.
    if details["type"] in {"missing", "extra_forbidden"} or details.get("ctx", {}).get("key"):
        return ""
    shown = json.dumps(details["input"], default=str)
    return f" = {shown if len(shown) <= _SHOWN_AT_MOST else shown[:_SHOWN_AT_MOST] + ' ...'}"


def _reason(details: ErrorDetails) -> str:
    if "flags" in details["loc"] and details["loc"][-1] in _TYPE_TAGS and not _is_key(details):
        return "is no flag value: true, false, a number or a text"
    if details["type"] in _SAID_PLAINLY:
        return _SAID_PLAINLY[details["type"]]
    if details["type"] == "too_short":
        return f"has fewer than {details.get('ctx', {}).get('min_length')} entries"
    reason = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if _is_key(details) and "flags" in details["loc"]:
        return "is no flag name: lower-case letters, digits and '_', starting with a letter"
    if details["type"] == "string_pattern_mismatch":
        return f"does not have the form {details.get('ctx', {}).get('pattern', '')}"
    return reason[:1].lower() + reason[1:]


def _remedy(path: Path, details: ErrorDetails, model: type[BaseModel]) -> str:
    if details["type"] == "extra_forbidden":
        known = _known_keys(path[:-1], model)
        near = difflib.get_close_matches(path[-1], known, n=1)
        return (
            f"    Did you mean {near[0]!r}?" if near else f"    Remove it; the keys are {', '.join(known)}."
        )
    if _is_key(details):
        path = path[:-1]
    example = _example(_without_index(path), model)
    keys = {f"alys:{path[0]}": _nested(_without_index(path)[1:], example)}
    pasted = yaml.safe_dump({"config": keys}, sort_keys=False).rstrip()
    return "    Such a value is accepted:\n" + "\n".join(f"      {line}" for line in pasted.splitlines())


def _without_index(path: Path) -> Path:
    # The example for a value in a list is the whole list.
    last = next((n for n in range(len(path), 0, -1) if not path[n - 1].isdigit()), 0)
    return path[:last]


def _nested(path: Path, value: Any) -> Any:
    for key in reversed(path):
        value = [value] if key.isdigit() else {key: value}
    return value


def _known_keys(path: Path, model: type[BaseModel]) -> list[str]:
    owner = _walk(model, path)
    own = [key for key in owner.model_fields if key != "pin"] if owner else []
    pinned = [] if path else list(_walk(model, ("pin",)).model_fields)  # type: ignore[union-attr]
    return pinned + own


def _example(path: Path, model: type[BaseModel]) -> Any:
    owner = _walk(model, path[:-1])
    if owner is model and path[0] not in model.model_fields:
        owner = _walk(model, ("pin",))
    if owner and path[-1] in owner.model_fields:
        field = owner.model_fields[path[-1]]
        return field.examples[0] if field.examples else _examples_of(_model_in(field.annotation))
    return "v2.1.0" if path[-1] == "since" else True


def _examples_of(model: type[BaseModel] | None) -> Any:
    fields = model.model_fields if model else {}
    return {
        name: field.examples[0] for name, field in fields.items() if field.is_required() and field.examples
    }


def _walk(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    found: type[BaseModel] | None = model
    for key in filter(lambda key: not key.isdigit(), path):
        field = found.model_fields.get(key) if found else None
        found = _model_in(field.annotation) if field else None
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) in {
        typing.Union,
        list,
        tuple,
    }:
        return next(filter(None, map(_model_in, typing.get_args(annotation))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
