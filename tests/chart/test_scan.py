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

    def findings(self, folder: Path) -> dict[str, set[tuple[str, str]]]:
        """Failed checks by subfolder, each as its id and what it was found in."""
        argv = [str(self.uv), "run", "--quiet", "--project", str(HERE / "scanner"), "--frozen"]
        argv += ["checkov", "--framework", "kubernetes", "--skip-download", "--output", "json"]
        argv += ["--directory", str(folder)]
        environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)
        report = json.loads(done.stdout)
        assert report["summary"]["passed"] > 0, "checkov looked at nothing"
        assert report["summary"]["parsing_errors"] == 0
        found: dict[str, set[tuple[str, str]]] = {}
        for one in report["results"]["failed_checks"]:
            subfolder = Path(one["file_path"]).parts[1]
            found.setdefault(subfolder, set()).add((one["check_id"], one["resource"]))
        return found


def write(folder: Path, manifests: list[Manifest]) -> None:
    folder.mkdir()
    (folder / "manifests.yaml").write_text(yaml.safe_dump_all(manifests))


@pytest.fixture(scope="module")
def found(
    uv: Path, chart: Chart, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[tuple[str, str]]]:
    """What is wrong with three good cases and a broken one, in one run: most of it is checkov's start."""
    folder = tmp_path_factory.mktemp("manifests")
    for case in ("local", "migrating", "snapshots"):
        write(folder / case, chart.render(CASES[case]))
    broken = chart.render(CASES["local"])
    pod = only(broken, "StatefulSet")["spec"]["template"]["spec"]
    pod["hostNetwork"] = True
    pod["containers"][0]["securityContext"]["privileged"] = True
    write(folder / "broken", broken)
    return Scanner(uv=uv).findings(folder)


def test_every_finding_has_a_reason_and_every_reason_a_finding(
    found: dict[str, set[tuple[str, str]]],
) -> None:
    seen = {check for check, _ in found["local"] | found["migrating"] | found["snapshots"]}
    assert seen == set(REASONS), sorted(seen)


def test_a_broken_manifest_is_found(found: dict[str, set[tuple[str, str]]]) -> None:
    seen = {check for check, resource in found["broken"] if "StatefulSet" in resource}
    assert seen - set(REASONS) == {"CKV_K8S_16", "CKV_K8S_19"}


def test_every_reason_is_a_sentence() -> None:
    assert all(len(reason.split()) > 5 for reason in REASONS.values())
