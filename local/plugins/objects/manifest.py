"""An object as the program declares it, as it is sent, and as it goes into the state."""

import base64
import binascii
from typing import Any, cast

from local.plugins.values import Secret, at, conceal, plain

MANAGER_KEY = "__fieldManager"
_AUTONAMED = "pulumi.com/autonamed"
_SERVER_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)


def autonamed(manifest: dict[str, Any]) -> bool:
    """Say whether the object's name was made up."""
    return at(manifest, "metadata", "annotations", _AUTONAMED) == "true"


def with_name(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object with a made-up name, marked as such."""
    metadata = dict(at(manifest, "metadata") or {})
    annotations = dict(at(metadata, "annotations") or {}) | {_AUTONAMED: "true"}
    return manifest | {"metadata": metadata | {"name": name, "annotations": annotations}}


def hidden(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the object with what a Secret holds marked as secret."""
    if at(manifest, "kind") != "Secret":
        return manifest
    return {
        key: Secret(plain(value)) if key in ("data", "stringData") else value
        for key, value in manifest.items()
    }


def body(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the object as it is sent: no secrets' wrappings, no nulls, `stringData` folded into `data`."""
    sent = cast("dict[str, Any]", _without_nulls(plain(manifest)))
    text = cast("dict[str, str]", sent.pop("stringData", {})) if at(sent, "kind") == "Secret" else {}
    if text:
        # Keys that leave `stringData` would otherwise stay in the Secret for ever.
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
        sent["data"] = sent.get("data", {}) | encoded
    return sent


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_nulls(item) for key, item in items if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[Any]", value)]
    return value


def outputs(live: dict[str, Any], declared: dict[str, Any], manager: str) -> dict[str, Any]:
    """Return what the state holds of a live object."""
    metadata = {key: value for key, value in live.get("metadata", {}).items() if key != "managedFields"}
    kept = live | {"metadata": metadata} | _texts(live, declared)
    return hidden(conceal(kept, declared)) | {MANAGER_KEY: manager}


def _texts(live: dict[str, Any], declared: dict[str, Any]) -> dict[str, Any]:
    """Return the `stringData` that a live Secret amounts to, for the keys that the program declares."""
    keys = cast("dict[str, str]", at(declared, "stringData") or {})
    if at(live, "kind") != "Secret" or not keys:
        return {}
    texts: dict[str, str] = {}
    for key in keys:
        try:
            texts[key] = base64.b64decode(at(live, "data", key) or "", validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            texts[key] = ""
    return {"stringData": texts}


def refreshed(declared: dict[str, Any], before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs that the live object amounts to: what was declared, except what somebody changed.

    Compared with how the object looked `before`, so that what the API server writes differently (`1000m`
    for `1`) or adds by itself is no change.
    """
    merged = cast("dict[str, Any]", _merge(plain(declared), plain(before), now | _texts(now, declared)))
    return hidden(conceal(merged, declared))


def _merge(declared: Any, before: Any, now: Any) -> Any:
    if isinstance(declared, dict) and isinstance(now, dict):
        known = cast("dict[str, Any]", before) if isinstance(before, dict) else {}
        current = cast("dict[str, Any]", now)
        return {
            key: _merge(value, known.get(key), current.get(key))
            for key, value in cast("dict[str, Any]", declared).items()
            if key in current or key not in known
        }
    if isinstance(declared, list) and isinstance(now, list):
        items, current = cast("list[Any]", declared), cast("list[Any]", now)
        known = cast("list[Any]", before) if isinstance(before, list) else []
        if len(items) == len(current) == len(known):
            return [_merge(*triple) for triple in zip(items, known, current, strict=True)]
    return cast("Any", declared if before == now else now)


def imported(live: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs that would make a live object, for one that the program has not declared yet."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _SERVER_METADATA}
    return hidden({key: value for key, value in live.items() if key != "status"} | {"metadata": metadata})
