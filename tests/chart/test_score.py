"""kube-score over the rendered manifests: no finding without a written reason."""

import json
import subprocess
from pathlib import Path

import yaml

from local import tools
from tests.chart.cases import CASES
from tests.chart.rendering import Chart, Manifest, only

REASONS: dict[str, str] = yaml.safe_load((Path(__file__).parent / "kube_score.yaml").read_text())
FINE = 10


def findings(manifests: list[Manifest]) -> set[str]:
    """Ids of the checks that some object fails, or passes with a warning."""
    argv = [str(tools.ensure("kube-score")), "score", "--kubernetes-version", "v1.36", "-o", "json", "-"]
    done = subprocess.run(
        argv, input=yaml.safe_dump_all(manifests), capture_output=True, text=True, check=False
    )
    objects = json.loads(done.stdout)
    assert {"StatefulSet", "Pod"} <= {found["type_meta"]["kind"] for found in objects}
    return {
        check["check"]["id"]
        for found in objects
        for check in found["checks"]
        if not check["skipped"] and check["grade"] < FINE
    }


def test_every_finding_has_a_reason_and_every_reason_a_finding(chart: Chart) -> None:
    cases = (CASES[name] for name in ("migrating", "snapshots"))
    assert findings([manifest for case in cases for manifest in chart.render(case)]) == set(REASONS)


def test_a_broken_manifest_is_found(chart: Chart) -> None:
    manifests = chart.render(CASES["production"])
    pod = only(manifests, "StatefulSet")["spec"]["template"]["spec"]
    pod["containers"][0]["securityContext"]["privileged"] = True
    assert "container-security-context-privileged" in findings(manifests)
