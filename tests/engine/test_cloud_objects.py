"""What the stacks in the cloud declare in their clusters, shown to a real API server."""

import copy
import json
import subprocess

import pytest

from docs.generate.environments import ENVIRONMENTS
from tests.engine.conftest import CONTEXT
from tests.stacks import objects

# Their kinds come with a chart: tests/components/test_observability.py asks the vendor's own definition.
ELSEWHERE = {"PrometheusRule"}

pytestmark = pytest.mark.cluster


def shown(manifests: list[dict]) -> subprocess.CompletedProcess[str]:
    """What the API server makes of objects that it is asked to apply and not to keep."""
    command = ["kubectl", "--context", CONTEXT, "apply", "--server-side", "--dry-run=server"]
    return subprocess.run(
        [*command, "--validate=strict", "--output=name", "--filename=-"],
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}),
        capture_output=True,
        text=True,
        check=False,
    )


def declared(stack: str) -> list[dict]:
    """The objects of a stack, where the cluster of this machine has the namespace."""
    found = [copy.deepcopy(one) for one in objects(stack) if one["kind"] not in ELSEWHERE]
    for one in found:
        if "namespace" in one["metadata"]:
            one["metadata"]["namespace"] = "default"
    return found


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_api_server_takes_what_a_stack_declares(stack: str):
    wanted = declared(stack)
    taken = shown(wanted)
    assert taken.returncode == 0, taken.stderr
    assert len(taken.stdout.split()) == len(wanted)
    assert {"ClusterRole", "StorageClass", "VolumeSnapshotClass"} <= {one["kind"] for one in wanted}


@pytest.mark.parametrize("kind", ["ClusterRole", "StorageClass", "VolumeSnapshotClass"])
def test_a_misspelt_field_is_not_taken(kind: str):
    broken = next(one for one in declared("staging") if one["kind"] == kind)
    broken["colour"] = "red"
    refused = shown([broken])
    assert refused.returncode != 0
    assert "colour" in refused.stderr
