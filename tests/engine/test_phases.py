"""Entering and leaving phases of the migration: real pods, real volumes, and every block counted."""

import json
import uuid

import pytest

from local import node_image
from release import gates_file
from release.migration import backups, phases_file
from release.migration.data_job import Mount, claimed, data_job
from tests.engine.conftest import CLONE
from tests.engine.test_faults import until

pytestmark = pytest.mark.cluster

MIGRATION = CLONE / "migration"
OURS = phases_file.read(MIGRATION / "phases.toml", gates_file.read(MIGRATION / "gates.toml"))
FLAGS = {flag: True for phase in OURS.phases.values() for flag in phase.flags}
PODS = ("alys-node-0", "alys-node-1")
VOLUME = Mount(source=claimed("alys-node-backups"), path="/backups", writes=True)
BROKEN = ("migrate-fails", "migrate-loses-block", "backup-fails")
HANGING = ("migrate-hangs", "backup-hangs")
RUNS = "{.status.initContainerStatuses[0].state.running.startedAt}"


@pytest.fixture(scope="session")
def broken_digests():
    """Versions whose migration or backup goes wrong, by their fault."""
    return {fault: node_image.push(f"v2.9.0-{fault}", fault) for fault in (*BROKEN, *HANGING)}


class Chains:
    """The chains of a workspace's pods."""

    def __init__(self, workspace):
        self.workspace = workspace

    def ask(self, pod, path):
        return self.workspace.namespace.ask(pod, path)

    def heads(self):
        return {pod: self.ask(pod, "/chain") for pod in PODS}

    def hold(self, before):
        """Every block that was there is there still, and leads to the same state."""
        for pod, head in before.items():
            now = self.ask(pod, "/chain")
            assert now["height"] >= head["height"], pod
            same = self.ask(pod, f"/chain/{head['height']}")
            assert same["state_root"] == head["state_root"], pod

    def hold_backup(self, kept):
        """Every block of a backup of all pods is there, as `release backups` tells it."""
        assert kept["pods"].keys() == {*PODS}
        self.hold(kept["pods"])


@pytest.fixture
def chains(workspace):
    return Chains(workspace)


def enter(workspace, phase, version="v2.0.0"):
    return workspace.release(version, phase=phase, flags=FLAGS)


def uids(workspace):
    label = "app.kubernetes.io/instance=alys-node"
    return set(
        workspace.kubectl("get", "pods", "-l", label, "-o", "jsonpath={.items[*].metadata.uid}").split()
    )


def backup_name(workspace):
    """Of the backup that the last change of phase began with."""
    path = "jsonpath={.metadata.labels.alys\\.network/backup}"
    return workspace.kubectl("get", "job", "alys-node-backup-0", "-o", path)


def start(workspace, pod, words, *, writes=False, backups=None):
    """Begins one of the driver's Jobs on a pod's data; answers its name."""
    name = f"try-{uuid.uuid4().hex[:6]}"
    running = json.loads(workspace.kubectl("get", "statefulset", "alys-node", "-o", "json"))
    made = data_job(running, pod, words, name=name, mounts=[VOLUME], limit_seconds=120, writes=writes)
    if backups:
        made["spec"]["template"]["spec"]["volumes"][1] = {"name": "backups", **backups}
    file = workspace.folder / f"{name}.json"
    file.write_text(json.dumps(made))
    workspace.kubectl("create", "-f", str(file))
    return name


def finish(workspace, name):
    """What such a Job's command said, and what it ended with."""
    workspace.kubectl("wait", f"job/{name}", "--for=jsonpath={.status.conditions[0].type}", "--timeout=120s")
    code = "jsonpath={.items[0].status.containerStatuses[0].state.terminated.exitCode}"
    ended = workspace.kubectl("get", "pods", "-l", f"job-name={name}", "-o", code)
    return workspace.kubectl("logs", f"job/{name}"), int(ended)


def test_what_goes_wrong_before_a_phase_leaves_every_pod_as_it_is(workspace, chains, broken_digests):
    """Fault 18: the rehearsal finds it on a copy, and no node is rolled."""
    assert enter(workspace, "actor-core")
    heads, pods = chains.heads(), uids(workspace)
    for fault in BROKEN:
        pin = {"version": f"v2.9.0-{fault}", "digest": broken_digests[fault], "phase": "sync-improvement"}
        workspace.stack.pin(pin)
        assert not workspace.stack.up(), fault
        assert uids(workspace) == pods, fault
        chains.hold(heads)
    assert enter(workspace, "sync-improvement")
    chains.hold(heads)


def test_a_phase_that_can_be_left_migrates_back_in_place(workspace, chains):
    assert enter(workspace, "actor-core")
    assert enter(workspace, "sync-improvement")
    heads = chains.heads()
    assert enter(workspace, "actor-core")
    chains.hold(heads)
    assert {head["format"] for head in chains.heads().values()} == {1}


def test_a_phase_whose_release_crashes_is_left_by_helm_itself(workspace, chains):
    """The old revision's pods find the new format, and take it back."""
    assert enter(workspace, "actor-core")
    heads = chains.heads()
    assert not enter(workspace, "sync-improvement", "v3.0.0")
    workspace.kubectl("wait", "--for=condition=Ready", *(f"pod/{pod}" for pod in PODS), "--timeout=60s")
    chains.hold(heads)
    assert {(head["format"], head["phase"]) for head in chains.heads().values()} == {(1, "actor-core")}


def test_past_a_point_of_no_return_the_backups_lead_back_pod_by_pod(workspace, chains):
    assert enter(workspace, "sync-improvement")
    heads = chains.heads()
    assert enter(workspace, "lighthouse-migration")
    backup = backup_name(workspace)
    listed, _ = finish(workspace, start(workspace, PODS[0], ["backups", "--in", "/backups"]))
    found = backups.choose(backups.gathered(backups.read(listed, where="here")), backup, PODS, format_limit=2)
    assert all(found.parts[pod].manifest.height >= heads[pod]["height"] for pod in PODS)
    # Each stands ready beside its node, and has the data as soon as the pod lets go of it.
    words = {pod: ["restore", "--from", f"/backups/{backup}/{pod}", "--wait", "90"] for pod in PODS}
    ready = [start(workspace, pod, words[pod], writes=True) for pod in PODS]
    for name in ready:
        workspace.kubectl("wait", f"job/{name}", "--for=jsonpath={.status.ready}=1", "--timeout=60s")
    assert enter(workspace, "sync-improvement")
    assert [finish(workspace, name)[1] for name in ready] == [0, 0]
    chains.hold(heads)
    assert {head["format"] for head in chains.heads().values()} == {2}


def test_without_a_restore_that_stands_ready_nobody_gets_past_a_point_of_no_return(workspace, chains):
    """The old revision's pod refuses data that it can't read, and Helm goes on to the phase that can."""
    assert enter(workspace, "lighthouse-migration")
    heads = chains.heads()
    assert not enter(workspace, "sync-improvement")
    workspace.kubectl("wait", "--for=condition=Ready", *(f"pod/{pod}" for pod in PODS), "--timeout=60s")
    chains.hold(heads)
    assert {head["phase"] for head in chains.heads().values()} == {"lighthouse-migration"}


def test_a_backup_that_is_killed_fails_the_update_and_the_next_one_converges(
    workspace, chains, broken_digests
):
    """Fault 18."""
    assert enter(workspace, "actor-core")
    heads, pods = chains.heads(), uids(workspace)
    fault = "backup-hangs"
    keys = {"version": f"v2.9.0-{fault}", "digest": broken_digests[fault], "phase": "sync-improvement"}
    workspace.stack.pin(keys)
    update = workspace.start_update()
    hanging = ("pods", "-l", "job-name=alys-node-backup-0")
    until(lambda: "Pending" in workspace.kubectl("get", *hanging, "-o", "jsonpath={.items[*].status.phase}"))
    workspace.kubectl("wait", *hanging, f"--for=jsonpath={RUNS}", "--timeout=60s")
    workspace.kubectl("delete", *hanging, "--grace-period=0", "--force")
    update.communicate()
    assert update.returncode != 0
    assert uids(workspace) == pods
    assert enter(workspace, "sync-improvement")
    chains.hold(heads)


def test_a_migration_that_hangs_is_given_up_while_every_pod_serves(workspace, chains, broken_digests):
    """Fault 18: in the rehearsal, after its limit."""
    limit = workspace.pulumi("config", "set", "--path", "release.timing.migration", "5")
    assert limit.returncode == 0, limit.stderr
    assert enter(workspace, "actor-core")
    heads, pods = chains.heads(), uids(workspace)
    keys = {"version": "v2.9.0-migrate-hangs", "digest": broken_digests["migrate-hangs"]}
    workspace.stack.pin({**keys, "phase": "sync-improvement"})
    assert not workspace.stack.up()
    assert "not done after 5 s" in workspace.kubectl("logs", "job/alys-node-backup-0", "-c", "rehearse")
    assert uids(workspace) == pods
    chains.hold(heads)


def test_a_full_backup_volume_is_refused_in_plain_words(workspace):
    assert enter(workspace, "foundation")
    room = {"emptyDir": {"medium": "Memory", "sizeLimit": "4Ki"}}
    said, code = finish(
        workspace, start(workspace, PODS[0], ["backup", "--to", "/backups/b/p"], backups=room)
    )
    assert (code, "there is no room for it" in said) == (1, True), said
