"""A TOML file that is read into a model; its mistakes, told with what to write instead."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from release.errors import RefusedError, shown

Model = TypeVar("Model", bound=BaseModel)
Key = tuple[str, ...]
Accepted = Callable[[Key, str], str]
"""What to write instead at a key; the type of the mistake is pydantic's."""

_SAID_PLAINLY = {
    "extra_forbidden": "is no key that is known",
    "missing": "is missing",
    "model_type": "is no table",
    "dict_type": "is no table",
    "list_type": "is no list",
    "bool_type": "is neither true nor false",
    "string_type": "is no text",
}


def read(path: Path, model: type[Model], accepted: Accepted) -> Model:
    """Read a file; every mistake in it is named in one `RefusedError`.

    A mistake that a validator of the model found names its key in the context, below the place of the model.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        reason, remedy = f"can't be read: {error.strerror}", f"git checkout -- {path.name}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason, remedy = f"is no TOML: {error}", f"Mend that place in {path.name}."
    except ValidationError as error:
        mistakes = [_mistake(details, accepted) for details in error.errors()]
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        reason, remedy = f"has {count}", "\n".join(mistakes)
    raise RefusedError(
        what=f"{path.name} {reason}; nothing was changed", where=str(path.parent), remedy=remedy
    )


def _mistake(details: ErrorDetails, accepted: Accepted) -> str:
    found_below: str | None = details.get("ctx", {}).get("key")
    key = tuple(str(part) for part in details["loc"] if part != "[key]")
    key = (*key, *found_below.split(".")) if found_below else key
    tells = details["type"] not in {"missing", "extra_forbidden"} and not found_below
    value = f" = {shown(str(details['input']))}" if tells else ""
    reason = _SAID_PLAINLY.get(details["type"]) or details["msg"].removeprefix("Value error, ")
    return f"{'.'.join(key)}{value} {reason[:1].lower()}{reason[1:]}\n{accepted(key, details['type'])}"
