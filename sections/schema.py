"""The stack file's JSON schema, for editors: `python -m sections.schema` writes it."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from sections.pin import Pin
from settings import PROJECT, REGISTRY_TOKEN, SECRET_KEYS, Settings

FILE = Path(__file__).parent.parent / "Pulumi.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ENCRYPTED: dict[str, Any] = {
    "type": "object",
    "properties": {"secure": {"type": "string", "description": "What `pulumi config set --secret` wrote."}},
    "required": ["secure"],
    "additionalProperties": False,
}


def schema() -> dict[str, Any]:
    """The whole file: Pulumi's own keys, and ours under `config`."""
    sections, pin = _json_schema(Settings), _json_schema(Pin)
    definitions: dict[str, Any] = {**sections["$defs"], **pin["$defs"]}
    # People write `parallel_import: true`; the long form is for `since`.
    definitions["Flag"] = {"anyOf": [definitions["Flag"]["properties"]["value"], definitions["Flag"]]}
    del definitions["Pin"]
    keys = {**pin["properties"], **{key: one for key, one in sections["properties"].items() if key != "pin"}}
    return {
        "$schema": DIALECT,
        "title": f"A stack file of the project {PROJECT}: Pulumi.STACK.yaml",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"{PROJECT}:{key}": one for key, one in {**keys, **_secrets()}.items()},
                # Keys of other namespaces, such as aws:, are Pulumi's business.
                "propertyNames": {
                    "anyOf": [
                        {"enum": [f"{PROJECT}:{key}" for key in (*keys, *SECRET_KEYS)]},
                        {"not": {"pattern": f"^{PROJECT}:"}},
                    ]
                },
            }
        },
        "$defs": definitions,
    }


def text() -> str:
    """The file's exact text."""
    return json.dumps(schema(), indent=2) + "\n"


def _json_schema(model: type[BaseModel]) -> dict[str, Any]:
    return _without_titles(model.model_json_schema())


def _without_titles(value: Any) -> Any:
    # pydantic makes them of the names, so they only repeat them.
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return {
            key: _without_titles(one)
            for key, one in mapping.items()
            if not (key == "title" and isinstance(one, str))
        }
    return [_without_titles(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def _secrets() -> dict[str, Any]:
    many = {"type": "object", "additionalProperties": _ENCRYPTED}
    return {
        key: {"description": description, **(many if key != REGISTRY_TOKEN else _ENCRYPTED)}
        for key, description in SECRET_KEYS.items()
    }


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"{FILE.name} is up to date.\n")
