"""Deploying and rolling back are updates of a stack to a pin: real engine, real Helm, real pods."""

import json
import re

import pytest

from local.demo.client import Client
from local.demo.story import FLAGS, V1_FLAGS, V2_FLAGS

pytestmark = pytest.mark.cluster


def test_a_pin_is_deployed_and_then_only_another_pin_is_a_change(workspace):
    assert workspace.release("v1.0.0", flags=FLAGS)
    seen = workspace.namespace.see()
    assert seen.versions == {"v1.0.0": 2}
    assert seen.images == {"v1.0.0": workspace.digests["v1.0.0"]}
    assert seen.flags == V1_FLAGS

    preview = workspace.pulumi("preview", "--expect-no-changes", "--non-interactive")
    assert preview.returncode == 0, preview.stdout + preview.stderr

    # Without the flag that v2.0.0 would be the first to get.
    pin = {"version": "v2.0.0", "digest": workspace.digests["v2.0.0"], "flags": V1_FLAGS}
    workspace.stack.pin(pin)
    preview = workspace.pulumi("preview", "--diff", "--non-interactive", "--color", "never")
    assert preview.returncode == 0, preview.stderr
    changed = set(re.findall(r"^\s+~ (\w+)\s*: ", preview.stdout, re.MULTILINE))
    assert changed <= {"values", "image", "version", "digest"}, preview.stdout
    assert re.search(r'~ version\s*: "v1.0.0" => "v2.0.0"', preview.stdout), preview.stdout
    assert re.search(r"~ 1 to update", preview.stdout), preview.stdout


def test_in_a_partial_rollout_an_old_pod_comes_back_with_the_old_version_and_the_old_flags(workspace):
    assert workspace.release("v1.0.0", flags=FLAGS)
    assert workspace.release("v2.0.0", rollout=50, flags={**FLAGS, "actor_sync": True})
    assert workspace.namespace.see().versions == {"v1.0.0": 1, "v2.0.0": 1}
    workspace.kubectl("delete", "pod", "alys-node-0")
    workspace.kubectl("wait", "--for=create", "pod/alys-node-0", "--timeout=60s")
    workspace.kubectl("wait", "--for=condition=Ready", "pod/alys-node-0", "--timeout=60s")
    said = workspace.namespace.ask("alys-node-0", "/version")
    assert said["version"] == "v1.0.0"
    assert said["flags"] == V1_FLAGS


def test_broken_versions_fail_the_update_and_the_old_one_keeps_serving(served):
    """Faults 14 and 17: one crashes, one fails its smoke test; then the old pin is an ordinary update."""
    assert served.release("v2.0.0", flags=FLAGS)
    with Client(served.namespace.node_port_url()) as client:
        for version in ("v3.0.0", "v6.0.0"):
            assert not served.release(version), version
            seen = served.namespace.see()
            assert (seen.versions, seen.ready, seen.flags) == ({"v2.0.0": 2}, 2, V2_FLAGS), version
        assert served.release("v2.0.0")
        tally = client.reading()
    assert tally.failed == 0, tally.failures
    assert tally.sent > 0
    history = json.loads(served.pulumi("stack", "history", "--json").stdout)
    assert [entry["result"] for entry in history] == ["succeeded", "failed", "failed", "succeeded"]


def test_a_rollback_from_the_history_brings_version_and_flags_back(workspace):
    assert workspace.release("v1.0.0", flags=FLAGS)
    assert workspace.release("v2.0.0", flags={"actor_sync": True})
    workspace.stack.pin_as(workspace.stack.last_good("v1.0.0"))
    assert workspace.stack.up()
    seen = workspace.namespace.see()
    assert seen.versions == {"v1.0.0": 2}
    assert seen.flags == V1_FLAGS


def test_a_flag_change_alone_rolls_the_pods(workspace):
    assert workspace.release("v2.0.0", flags={"actor_sync": False})
    assert workspace.release("v2.0.0", flags={"actor_sync": True})
    assert workspace.namespace.see().flags == {"actor_sync": True}


def test_a_wrong_pin_is_refused_before_anything_is_registered(workspace):
    workspace.stack.pin({"rollout": 101})
    up = workspace.pulumi("up", "--yes", "--skip-preview", "--non-interactive")
    assert up.returncode != 0
    assert "alys:rollout" in up.stdout + up.stderr
    assert "Traceback" not in up.stdout + up.stderr
    assert workspace.pulumi("stack", "--show-urns").stdout.count("urn:") <= 1


def test_a_rotated_secret_rolls_the_pods_and_an_unchanged_one_does_not(workspace):
    def pods() -> set[str]:
        template = "jsonpath={.items[*].metadata.uid}"
        label = "app.kubernetes.io/instance=alys-node"
        return set(workspace.kubectl("get", "pods", "-l", label, "-o", template).split())

    assert workspace.release("v1.0.0")
    before = pods()
    assert workspace.release("v1.0.0")
    assert pods() == before
    rotated = workspace.pulumi("config", "set", "--secret", "--path", "secrets.node-key", "rotated")
    assert rotated.returncode == 0, rotated.stderr
    assert workspace.stack.up()
    assert len(pods()) == len(before)
    assert pods().isdisjoint(before)
