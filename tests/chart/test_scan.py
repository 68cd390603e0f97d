"""checkov over the rendered manifests: no finding without a written reason."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.chart.cases import CASES
from tests.chart.rendering import Chart, Manifest, only

HERE = Path(__file__).parent
REASONS: dict[str, str] = yaml.safe_load((HERE / "checkov.yaml").read_text())


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """checkov in an environment of its own."""

    uv: Path

    def findings(self, folder: Path) -> set[tuple[str, str]]:
        """Failed checks, each as its id and what it was found in."""
        argv = [str(self.uv), "run", "--quiet", "--project", str(HERE / "scanner"), "--frozen"]
        argv += ["checkov", "--framework", "kubernetes", "--skip-download", "--output", "json"]
        argv += ["--directory", str(folder)]
        environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
        report = json.loads(done.stdout)
        assert report["summary"]["passed"] > 0, "checkov looked at nothing"
        assert report["summary"]["parsing_errors"] == 0
        return {(f["check_id"], f["resource"]) for f in report["results"]["failed_checks"]}


@pytest.fixture(scope="module")
def scanner(uv: Path) -> Scanner:
    return Scanner(uv=uv)


def write(folder: Path, manifests: list[Manifest]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "manifests.yaml").write_text(yaml.safe_dump_all(manifests))


def test_every_finding_has_a_reason_and_every_reason_a_finding(
    chart: Chart, scanner: Scanner, tmp_path: Path
) -> None:
    for case in ("local", "production"):
        write(tmp_path / case, chart.render(CASES[case]))
    found = scanner.findings(tmp_path)
    assert {check for check, _ in found} == set(REASONS), sorted(found)


def test_a_broken_manifest_is_found(chart: Chart, scanner: Scanner, tmp_path: Path) -> None:
    manifests = chart.render(CASES["local"])
    pod = only(manifests, "StatefulSet")["spec"]["template"]["spec"]
    pod["hostNetwork"] = True
    pod["containers"][0]["securityContext"]["privileged"] = True
    write(tmp_path, manifests)
    found = {check for check, resource in scanner.findings(tmp_path) if "StatefulSet" in resource}
    assert found - set(REASONS) == {"CKV_K8S_16", "CKV_K8S_19"}


def test_every_reason_is_a_sentence() -> None:
    assert all(len(reason.split()) > 5 for reason in REASONS.values())
