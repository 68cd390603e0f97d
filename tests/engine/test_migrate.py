"""`release migrate`, `backup` and `restore` on real pods and volumes, with every block counted."""

import json
import os
import signal
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from local import node_image
from release.migration.data_job import data_job
from tests.engine.conftest import SLOW
from tests.engine.test_driver import result, wait_for
from tests.engine.test_phases import FLAGS, OURS, PODS, VOLUME, Chains, backup_name, enter, uids

pytestmark = pytest.mark.cluster


@pytest.fixture
def chains(workspace):
    return Chains(workspace)


BESIDE = ".chain.new"
"""Where the node writes a chain before it takes the old one's place."""
NODES = "app.kubernetes.io/instance=alys-node,app.kubernetes.io/name=alys-node"


def begin(workspace, digest, phase, version="v2.1.0"):
    """A version that knows all phases up to the point of no return, in one of them."""
    workspace.digests[version] = digest
    assert enter(workspace, phase, version)


def kill_between(workspace, command):
    """SIGKILL to the node's command, when the new chain is written and the old one still in its place."""
    wait_for(lambda: _killed(workspace, command), seconds=120)


def _killed(workspace, command):
    uids = workspace.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}").split()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[1:2] != [command.encode()]:
                continue
            ours = any(uid in (process / "cgroup").read_text() for uid in uids)
            if ours and (process / "root/var/lib/alys" / BESIDE).exists():
                os.kill(int(process.name), signal.SIGKILL)
                return True
        except OSError:
            continue
    return False


def phases_of(chains):
    return {(head["format"], head["phase"]) for head in chains.heads().values()}


def gate(workspace, phase, bounds):
    """One more gate of a phase, which holds in this test alone."""
    file = workspace.folder / "migration" / "gates.toml"
    series = "alys_sync_blocks_per_second"
    made = f'[gates.own]\nsays = "own"\nseries = "{series}"\nquery = "min($series)"\n{bounds}\n'
    held = f'{phase} = ["error-rate", "rollbacks"'
    text = file.read_text()
    assert held in text
    file.write_text(text.replace(held, f'{held}, "own"').replace("[phases]", f"{made}[phases]"))


def corrupt(workspace, backup, pod):
    """Another format in the place of what the manifest of a backup speaks of."""
    running = json.loads(workspace.kubectl("get", "statefulset", "alys-node", "-o", "json"))
    words = ["migrate", "--to", "sync-improvement"]
    made = data_job(running, pod, words, name="corrupt", mounts=[VOLUME], limit_seconds=60)
    made["spec"]["template"]["spec"]["containers"][0]["env"].append(
        {"name": "ALYS_DATA", "value": f"/backups/{backup}/{pod}"}
    )
    file = workspace.folder / "corrupt.json"
    file.write_text(json.dumps(made))
    workspace.kubectl("create", "-f", str(file))
    workspace.kubectl("wait", "job/corrupt", "--for=condition=Complete", "--timeout=90s")


def standing(workspace):
    """Jobs of the driver that are still there."""
    return workspace.kubectl("get", "jobs", "-l", "alys.network/run", "-o", "name").split()


def phase_on_a_pod(workspace, phase):
    """Whether the first pod is of a phase: the data of that one has changed."""
    path = "jsonpath={.metadata.labels.alys\\.network/phase}"
    return workspace.kubectl("get", "pod", PODS[-1], "--ignore-not-found", "-o", path) == phase


def objects(workspace):
    """All that there is in the namespace, but for events."""
    kinds = "pods,jobs,pvc,configmaps,secrets,services,statefulsets"
    return set(workspace.kubectl("get", kinds, "-o", "name").split())


def rehearse(workspace, chains, there):
    """Into the next phase and back on a copy, that leaves only what was `there`; the verbs of its runs."""
    heads, pods = chains.heads(), uids(workspace)
    file = (workspace.folder / "Pulumi.local.yaml").read_bytes()
    run = workspace.driver("migrate", "local", "--rehearse", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (in_the_copy(workspace, "pods"), in_the_copy(workspace, "pvc")) == ([], [])
    wait_for(lambda: objects(workspace) == there)
    assert uids(workspace) == pods
    assert (workspace.folder / "Pulumi.local.yaml").read_bytes() == file
    chains.hold(heads)
    return [one["verb"] for one in result(run)["runs"]]


def in_the_copy(workspace, kind):
    """Objects of a kind in the namespace of a rehearsal."""
    name = f"{workspace.namespace.name}-rehearsal"
    command = ["kubectl", "--context", "alys-local", "get", kind, "-o", "name", "--namespace", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def restore(workspace, chains, kept):
    """A backup as `release backups` tells it; every block of it is there."""
    run = workspace.driver("restore", "local", kept["name"], "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    chains.hold_backup(kept)


def reports(workspace):
    """What the validations of the one run have found."""
    (file,) = (workspace.folder / ".release").glob("*/validation.json")
    return json.loads(file.read_text())


def test_a_phase_is_entered_step_by_step_and_what_was_looked_at_is_kept(workspace, chains):
    assert enter(workspace, "actor-core")
    heads = chains.heads()
    run = workspace.driver("migrate", "local", "sync-improvement", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert result(run)["outcome"] == "done"
    assert "phase: actor-core -> sync-improvement" in run.stderr
    assert "backed up first" in run.stderr
    chains.hold(heads)
    assert phases_of(chains) == {(2, "sync-improvement")}
    kept = reports(workspace)
    assert [one["rollout"] for one in kept] == [50, 100]
    assert all(check["passed"] for one in kept for check in one["checks"])
    assert {check["name"] for check in kept[-1]["checks"]} >= {
        "state roots stay",
        "peers agree",
        "data is whole",
    }
    again = workspace.driver("migrate", "local", "sync-improvement")
    assert (again.returncode, "already" in again.stderr) == (3, True)


def test_every_phase_forward_keeps_every_block(workspace, chains):
    """All six, with their gates on the real Prometheus and their validations on the real data."""
    workspace.digests["v2.3.0"] = node_image.push("v2.3.0", None)
    assert workspace.release("v2.3.0", flags=FLAGS)
    for before, phase in pairwise((None, *OURS.order)):
        heads = chains.heads()
        run = workspace.driver("migrate", "local", phase, "--steps", "100", "--json")
        assert run.returncode == 0, run.stdout + run.stderr
        chains.hold(heads)
        assert phases_of(chains) == {(OURS.phases[phase].format, phase)}
        assert backup_name(workspace).startswith(f"{before or 'release'}-r")


@pytest.mark.parametrize(
    ("before", "phase", "version"), [(None, "foundation", "v1.0.0"), ("foundation", "actor-core", "v2.0.0")]
)
def test_a_validation_that_fails_goes_back_by_itself(workspace, chains, before, phase, version):
    """By the flags of before, and by the version of before."""
    assert workspace.release(version, flags=FLAGS, **({"phase": before} if before else {}))
    heads, was = chains.heads(), phases_of(chains)
    file = workspace.folder / "migration" / "phases.toml"
    file.write_text(file.read_text().replace(f'"--phase", "{phase}"', '"--phase", "no-such-phase"'))
    run = workspace.driver("migrate", "local", phase, "--json")
    assert (run.returncode, result(run)["outcome"]) == (4, "rolled back"), run.stdout + run.stderr
    assert "data is whole" in result(run)["reason"]
    chains.hold(heads)
    assert phases_of(chains) == was


def test_past_a_point_of_no_return_a_gate_that_fails_brings_every_block_back(workspace, chains, newer_digest):
    begin(workspace, newer_digest, "sync-improvement")
    gate(workspace, "lighthouse-migration", "min = 1000000\nmin_samples = 3")
    heads = chains.heads()
    run = workspace.driver("migrate", "local", "lighthouse-migration", "--json")
    assert (run.returncode, result(run)["outcome"]) == (4, "rolled back"), run.stdout + run.stderr
    assert "gate own: fail" in result(run)["reason"]
    chains.hold(heads)
    assert phases_of(chains) == {(2, "sync-improvement")}
    last = reports(workspace)[-1]
    assert (last["when"], all(check["passed"] for check in last["checks"])) == ("after going back", True)
    assert standing(workspace) == []
    assert "lighthouse" not in (workspace.folder / "Pulumi.local.yaml").read_text().partition("alys:flags")[0]


def test_a_cancelled_migration_past_a_point_of_no_return_is_taken_back(workspace, chains, newer_digest):
    """Helm's own way back fails: the old revision can't read the data, until its backup is there."""
    begin(workspace, newer_digest, "sync-improvement")
    heads = chains.heads()
    run = workspace.start_driver("migrate", "local", "lighthouse-migration")
    wait_for(lambda: phase_on_a_pod(workspace, "lighthouse-migration"), seconds=120)
    run.send_signal(signal.SIGTERM)
    said, _ = run.communicate(timeout=300)
    assert run.returncode == 130, said
    chains.hold(heads)
    assert phases_of(chains) == {(2, "sync-improvement")}


def test_a_killed_migration_is_taken_up_by_the_next_run(workspace, chains, newer_digest):
    """Fault 1."""
    begin(workspace, newer_digest, "sync-improvement")
    heads = chains.heads()
    run = workspace.start_driver("migrate", "local", "lighthouse-migration")
    wait_for(lambda: phase_on_a_pod(workspace, "lighthouse-migration"), seconds=120)
    run.kill()
    run.communicate()
    wait_for(lambda: not list((workspace.folder / "state").glob(".pulumi/locks/**/*.json")), seconds=120)
    again = workspace.driver("migrate", "local", "lighthouse-migration", "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    chains.hold(heads)
    assert phases_of(chains) == {(3, "lighthouse-migration")}


def test_gates_without_data_hold_before_anything_is_changed(workspace, chains):
    assert enter(workspace, "foundation")
    gate(workspace, "foundation", "min = 0\nmin_samples = 100000")
    before, pods = (workspace.folder / "Pulumi.local.yaml").read_bytes(), uids(workspace)
    run = workspace.driver("migrate", "local", "actor-core")
    assert run.returncode == 9, run.stdout + run.stderr
    assert "foundation can't be left yet: gate own: no data" in run.stderr
    assert (workspace.folder / "Pulumi.local.yaml").read_bytes() == before
    assert uids(workspace) == pods


def test_a_migration_that_is_killed_inside_a_pod_is_begun_again_and_loses_nothing(
    workspace, chains, slow_digest
):
    """Fault 18: between the new chain and its place; nobody has to do anything."""
    begin(workspace, slow_digest, "actor-core", SLOW)
    heads = chains.heads()
    workspace.stack.pin({"phase": "sync-improvement"})
    update = workspace.start_update()
    kill_between(workspace, "migrate")
    said, _ = update.communicate(timeout=120)
    assert update.returncode == 0, said
    restarts = "jsonpath={.items[*].status.initContainerStatuses[0].restartCount}"
    assert "1" in workspace.kubectl("get", "pods", "-l", NODES, "-o", restarts).split()
    chains.hold(heads)
    assert phases_of(chains) == {(2, "sync-improvement")}
