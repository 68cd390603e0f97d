"""A chart and the values that it is rendered with."""

from pathlib import Path
from typing import Any, cast

import yaml

from local.plugins.resources import Refused
from local.plugins.values import at, plain


def local_version(chart: str) -> str | None:
    """Return the version in the `Chart.yaml` of a chart folder, None for a chart from elsewhere."""
    folder = Path(chart)
    if not folder.is_dir():
        return None
    description = folder / "Chart.yaml"
    if not description.is_file():
        raise Refused(f"{folder.absolute()} is no chart: it has no Chart.yaml.")
    return str(at(_yaml(description.read_text(), str(description)), "version") or "") or None


def values(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the values that helm is given: the value files one over the other, `values` over them all."""
    merged: dict[str, Any] = {}
    assets: list[dict[str, str]] = plain(inputs.get("valueYamlFiles")) or []
    for asset in assets:
        text = asset.get("text") or Path(asset.get("path", "")).read_text()
        merged = _over(merged, _yaml(text, asset.get("path") or "a value file"))
    merged = _over(merged, plain(inputs.get("values")) or {})
    return merged if inputs.get("allowNullValues") else cast("dict[str, Any]", _without_nulls(merged))


def resource_names(manifest: str) -> dict[str, list[str]]:
    """Return the names of a rendered manifest's objects, by `Kind.group/version` as the provider writes."""
    names: dict[str, list[str]] = {}
    for document in cast("list[dict[str, Any] | None]", list(yaml.safe_load_all(manifest))):
        if not document:
            continue
        version = str(document.get("apiVersion", ""))
        group, _, _ = version.rpartition("/")
        kind = f"{document.get('kind')}.{group}/{version}" if group else f"{document.get('kind')}/{version}"
        namespace, name = at(document, "metadata", "namespace"), at(document, "metadata", "name")
        names.setdefault(kind, []).append(f"{namespace}/{name}" if namespace else str(name))
    return {kind: sorted(found) for kind, found in sorted(names.items())}


def _yaml(text: str, where: str) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise Refused(f"{where} is not valid YAML: {error}") from error


def _over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = _over(cast("dict[str, Any]", known), cast("dict[str, Any]", value))
        else:
            merged[key] = value
    return merged


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: _without_nulls(item) for key, item in items if item is not None}
    return value
