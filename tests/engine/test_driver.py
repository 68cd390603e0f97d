"""`release` on the real engine, Helm and pods: forward in steps, back by itself."""

import json
import os
import time

import pytest
import yaml

from local.demo.client import Client
from local.demo.story import FLAGS, V1_FLAGS

pytestmark = pytest.mark.cluster


def result(run) -> dict:
    assert run.stdout.strip(), run.stderr
    return json.loads(run.stdout)


def test_a_version_is_released_in_steps(served):
    run = served.driver("deploy", "local", "v1.0.0", "--json")
    assert run.returncode == 0, run.stderr
    assert result(run)["outcome"] == "done"
    with Client(served.namespace.node_port_url()) as client:
        run = served.driver("deploy", "local", "v2.0.0", "--json")
        tally = client.reading()
    assert run.returncode == 0, run.stderr
    assert tally.failed == 0, tally.failures
    assert served.namespace.see().versions == {"v2.0.0": 2}
    assert served.pinned()["version"] == "v2.0.0"
    messages = [entry["message"] for entry in json.loads(served.pulumi("stack", "history", "--json").stdout)]
    assert ["step=2/2" in message for message in messages] == [True, False, True, False]
    verified = served.driver("verify", "local", "--json")
    assert verified.returncode == 0, verified.stdout


def test_a_crashing_version_is_seen_at_once_the_old_one_comes_back_and_it_is_on_hold(served):
    """Fault 14: what its pods said is kept, and nobody releases it again by accident."""
    assert served.release("v2.0.0", flags=FLAGS)
    with Client(served.namespace.node_port_url()) as client:
        run = served.driver("deploy", "local", "v3.0.0", "--json")
        tally = client.reading()
    said = result(run)
    assert (run.returncode, said["outcome"]) == (4, "rolled back"), run.stderr
    assert "alys-node-1" in said["reason"]
    assert tally.failed == 0, tally.failures
    assert served.namespace.see().versions == {"v2.0.0": 2}
    assert served.pinned()["version"] == "v2.0.0"
    assert any(path.endswith("alys-node-1.previous.log") for path in said["evidence"]), said["evidence"]
    refused = served.driver("deploy", "local", "v3.0.0")
    assert refused.returncode == 3
    assert "on hold" in refused.stderr
    assert "--retry" in refused.stderr
    assert served.driver("deploy", "local", "v3.0.0", "--retry").returncode == 4


def test_a_failing_smoke_test_brings_the_last_good_version_back_also_from_the_second_step(workspace):
    """Fault 17: its output is kept."""
    assert workspace.release("v2.0.0")
    run = workspace.driver("deploy", "local", "v6.0.0", "--json")
    said = result(run)
    assert (run.returncode, said["outcome"]) == (4, "rolled back"), run.stderr
    assert workspace.namespace.see().versions == {"v2.0.0": 2}
    assert any(path.endswith("smoke-test.log") for path in said["evidence"]), said


def test_a_tag_that_the_registry_has_not_is_refused_before_anything_is_written(workspace):
    """Fault 13."""
    before = (workspace.folder / "Pulumi.local.yaml").read_bytes()
    run = workspace.driver("deploy", "local", "v9.9.9")
    assert run.returncode == 3
    assert "The registry has no version v9.9.9" in run.stderr
    assert (workspace.folder / "Pulumi.local.yaml").read_bytes() == before
    assert json.loads(workspace.pulumi("stack", "history", "--json").stdout or "[]") == []


def test_a_partial_release_is_promoted(workspace):
    assert workspace.release("v1.0.0")
    assert workspace.driver("deploy", "local", "v2.0.0", "--steps", "50").returncode == 0
    assert workspace.namespace.see().versions == {"v1.0.0": 1, "v2.0.0": 1}
    assert workspace.driver("promote", "local").returncode == 0
    assert workspace.namespace.see().versions == {"v2.0.0": 2}


@pytest.fixture
def waiting(workspace, monkeypatch, nursery, tmp_path):
    """Has a change wait in the stack file that no release brought: rules of a repository."""
    shims = tmp_path / "shims"
    shims.mkdir()
    nursery.shim(shims / "pulumi-resource-github", "local.plugins.recorder", "github")
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")

    def wait():
        content = yaml.safe_load(workspace.stack.config_file.read_text())
        rules = {"repository": "alys/alys", "required_checks": ["check"]}
        content["config"]["alys:repository"] = rules
        workspace.stack.config_file.write_text(yaml.safe_dump(content, sort_keys=False))

    return wait


def kinds(workspace):
    """What there is, by the packages that made it."""
    exported = json.loads(workspace.pulumi("stack", "export").stdout)
    return {one["type"].partition(":")[0] for one in exported["deployment"]["resources"]}


def test_a_rollback_brings_version_and_flags_back_and_nothing_else(workspace, waiting):
    """An unrelated change that waits in the stack file stays out."""
    assert workspace.release("v1.0.0", flags=FLAGS)
    assert workspace.release("v2.0.0", flags={"actor_sync": True})
    waiting()
    waits = workspace.pulumi("preview", "--json").stdout
    assert '"github:index/repositoryRuleset:RepositoryRuleset"' in waits
    run = workspace.driver("rollback", "local", "--json")
    assert run.returncode == 0, run.stderr
    seen = workspace.namespace.see()
    assert seen.versions == {"v1.0.0": 2}
    assert seen.flags == V1_FLAGS
    assert workspace.pinned()["version"] == "v1.0.0"
    assert "github" not in kinds(workspace)
    assert workspace.stack.up()
    assert "github" in kinds(workspace)


def test_an_emergency_stops_the_deployment_that_runs_and_wins(workspace):
    """Fault 5."""
    assert workspace.release("v1.0.0")
    assert workspace.release("v2.0.0")
    deployment = workspace.start_driver("deploy", "local", "v7.0.0")
    wait_for(lambda: "v7.0.0" in (workspace.folder / "Pulumi.local.yaml").read_text())
    time.sleep(1)
    emergency = workspace.driver("rollback", "local", "--to", "v1.0.0", "--emergency", "--json")
    said, _ = deployment.communicate(timeout=120)
    assert emergency.returncode == 0, emergency.stderr
    assert deployment.returncode == 130, said
    assert workspace.namespace.see().versions == {"v1.0.0": 2}
    assert workspace.pinned()["version"] == "v1.0.0"


def wait_for(condition, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)
