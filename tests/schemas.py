"""Objects of a kind that a controller brings, against the vendor's own definition of it."""

from functools import cache
from typing import Any

import jsonschema
import yaml
from jsonschema import ValidationError

from local import definitions
from local.definitions import Definitions

__all__ = ["ValidationError", "validate"]


def validate(manifest: dict[str, Any], wanted: Definitions) -> None:
    """Strictly: what the definition leaves open would be dropped in silence."""
    version = manifest["apiVersion"].rpartition("/")[2]
    jsonschema.validate(manifest, _schema(wanted, manifest["kind"], version))


@cache
def _schema(wanted: Definitions, kind: str, version: str) -> dict[str, Any]:
    found = [yaml.safe_load(path.read_text()) for path in definitions.ensure(wanted).iterdir()]
    (definition,) = (one for one in found if one["spec"]["names"]["kind"] == kind)
    (schema,) = (
        one["schema"]["openAPIV3Schema"] for one in definition["spec"]["versions"] if one["name"] == version
    )
    return _closed(schema)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    # Patterns are Go's, whose flags may stand where Python's may not.
    schema = {key: value for key, value in schema.items() if key != "pattern"}
    properties = {name: _closed(one) for name, one in schema.get("properties", {}).items()}
    closed = schema | ({"properties": properties, "additionalProperties": False} if properties else {})
    return closed | ({"items": _closed(schema["items"])} if "items" in schema else {})
