"""A wrong value is refused by its name, before anything is rendered."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.cases import LOCAL
from tests.chart.rendering import Chart, RefusedError

WRONG: list[tuple[str, Any]] = [
    ("image.repository", ""),
    ("image.repository", "ghcr.io/a/node:v1"),
    ("image.repository", "node"),
    ("image.version", ""),
    ("image.version", "latest"),
    ("image.version", "v1 0"),
    ("image.version", "-v1"),
    ("image.version", 1.1),
    ("image.version", "v" * 129),
    ("image.digest", "sha256:abc"),
    ("image.digest", "4e" * 32),
    ("replicas", 0),
    ("replicas", "4"),
    ("rollout.percent", -1),
    ("rollout.percent", 101),
    ("rollout.percent", 12.5),
    ("rollout.percent", "25"),
    ("flags.toml", True),
    ("flags.digest", "xyz"),
    ("secrets.name", "Upper"),
    ("imagePullSecrets.0", "ghcr"),
    ("storage.size", "0"),
    ("storage.size", "1GB"),
    ("storage.size", 1),
    ("service.type", "ExternalName"),
    ("service.port", 0),
    ("resources.requests.cpu", "half"),
    ("nodeSelector.pool", 1),
    ("timing.drainSeconds", -1),
    ("timing.startupSeconds", 0),
    ("smokeTest.enabled", "yes"),
    ("smokeTest.timeoutSeconds", 0),
    ("migration.phase", "Actor Core"),
    ("migration.backup", "../x"),
    ("migration.volume", "Upper"),
    ("migration.snapshotClass", "Upper"),
    ("migration.copyClass", "Upper"),
    ("migration.timeoutSeconds", 0),
    ("networkPolicy.egress", {}),
    ("metrics.interval", "often"),
]


def with_value(key: str, value: Any) -> dict[str, Any]:
    values = copy.deepcopy(LOCAL)
    *parents, last = key.split(".")
    inner: Any = values
    for parent in parents:
        inner = inner.setdefault(parent, [None] if last == "0" else {})
    inner[0 if last == "0" else last] = value
    return values


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_wrong_value_is_named(chart: Chart, key: str, value: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        chart.render(with_value(key, value))
    assert f"at '/{key.replace('.', '/')}'" in str(refused.value)


@pytest.mark.parametrize(
    "section",
    [
        *("", "image", "rollout", "flags", "secrets", "storage", "service", "resources", "resources.limits"),
        *("timing", "smokeTest", "migration", "networkPolicy", "metrics", "metrics.alerts"),
    ],
)
def test_an_unknown_value_is_named(chart: Chart, section: str) -> None:
    with pytest.raises(RefusedError, match="additional properties 'colour' not allowed"):
        chart.render(with_value(f"{section}.colour".lstrip("."), "red"))


@pytest.mark.parametrize("size", ["1Gi", "0.5Gi", "100Mi", "1500M", "1"])
def test_a_quantity_is_one_as_kubernetes_has_it(chart: Chart, size: str) -> None:
    chart.render(with_value("storage.size", size))


def test_the_schema_and_the_reference_hold_the_same_values(chart: Chart) -> None:
    schema = json.loads((chart.folder / "values.schema.json").read_text())
    reference = yaml.safe_load((chart.folder / "values.yaml").read_text())

    def described(part: dict[str, Any], values: Any) -> Any:
        if part.get("additionalProperties") is not False:
            return None
        return {key: described(inner, values[key]) for key, inner in part["properties"].items()}

    def given(values: Any, part: dict[str, Any]) -> Any:
        if part.get("additionalProperties") is not False:
            return None
        return {key: given(value, part["properties"][key]) for key, value in values.items()}

    assert described(schema, reference) == given(reference, schema)


def test_helms_own_linter_finds_nothing(chart: Chart, tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps(LOCAL))
    argv = [chart.helm, "lint", chart.folder, "--strict", "--quiet", "--kube-version", "1.36", "-f", values]
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
