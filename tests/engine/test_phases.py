"""Entering and leaving phases of the migration: real pods, real volumes, and every block counted."""

import json
import uuid
from itertools import pairwise

import pytest

from local import node_image
from release import gates_file, phases_file
from tests.engine.conftest import CLONE

pytestmark = pytest.mark.cluster

MIGRATION = CLONE / "migration"
OURS = phases_file.read(MIGRATION / "phases.toml", gates_file.read(MIGRATION / "gates.toml"))
FLAGS = {flag: True for phase in OURS.phases.values() for flag in phase.flags}
PODS = ("alys-node-0", "alys-node-1")
BROKEN = ("migrate-fails", "migrate-loses-block", "backup-fails")


@pytest.fixture(scope="session")
def broken_digests():
    """Versions whose migration or backup goes wrong, by their fault."""
    return {fault: node_image.push(f"v2.9.0-{fault}", fault) for fault in BROKEN}


class Chains:
    """The chains of a workspace's pods."""

    def __init__(self, workspace):
        self.workspace = workspace

    def ask(self, pod, path):
        place = f"/api/v1/namespaces/{self.workspace.namespace.name}/pods/{pod}:8080/proxy{path}"
        return json.loads(self.workspace.kubectl("get", "--raw", place))

    def heads(self):
        return {pod: self.ask(pod, "/chain") for pod in PODS}

    def hold(self, before):
        """Every block that was there is there still, and leads to the same state."""
        for pod, head in before.items():
            now = self.ask(pod, "/chain")
            assert now["height"] >= head["height"], pod
            same = self.ask(pod, f"/chain/{head['height']}")
            assert same["state_root"] == head["state_root"], pod


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


def start(workspace, words, *, data, backups):
    """Runs a node's command in a pod of its own with these volumes; answers the pod's name."""
    name = f"try-{uuid.uuid4().hex[:6]}"
    container = {
        "name": "try",
        "image": f"localhost:5055/alys/node@{workspace.digests['v2.0.0']}",
        "args": list(words),
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [
            {"name": "data", "mountPath": "/var/lib/alys"},
            {"name": "backups", "mountPath": "/backups"},
        ],
    }
    user = {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532}
    spec = {
        "restartPolicy": "Never",
        "securityContext": user | {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "data", **data}, {"name": "backups", **backups}],
    }
    overrides = json.dumps({"apiVersion": "v1", "spec": spec})
    workspace.kubectl("run", name, "--image=none", "--restart=Never", f"--overrides={overrides}")
    return name


def finish(workspace, name):
    """The log of such a pod, and whether its command went well."""
    code = "{.status.containerStatuses[0].state.terminated.exitCode}"
    workspace.kubectl("wait", f"pod/{name}", f"--for=jsonpath={code}", "--timeout=90s")
    return workspace.kubectl("logs", name), workspace.kubectl("get", "pod", name, "-o", f"jsonpath={code}")


def claim(name):
    return {"persistentVolumeClaim": {"claimName": name}}


def test_every_phase_forward_keeps_every_block(workspace, chains):
    assert workspace.release("v1.0.0", flags=FLAGS)
    for before, phase in pairwise((None, *OURS.order)):
        heads = chains.heads()
        assert enter(workspace, phase), phase
        chains.hold(heads)
        found = chains.heads()
        assert {(head["format"], head["phase"]) for head in found.values()} == {
            (OURS.phases[phase].format, phase)
        }
        assert backup_name(workspace).startswith(f"{before or 'release'}-r")


@pytest.mark.parametrize("fault", BROKEN)
def test_what_goes_wrong_before_a_phase_leaves_every_pod_as_it_is(workspace, chains, broken_digests, fault):
    """Fault 18: the rehearsal finds it on a copy, and no node is rolled."""
    assert enter(workspace, "actor-core")
    heads, pods = chains.heads(), uids(workspace)
    workspace.stack.pin(
        {"version": f"v2.9.0-{fault}", "digest": broken_digests[fault], "phase": "sync-improvement"}
    )
    assert not workspace.stack.up()
    assert uids(workspace) == pods
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
    # Each stands ready beside its node, and has the data as soon as the pod lets go of it.
    ready = {
        pod: start(
            workspace,
            ["restore", "--from", f"/backups/{backup}/{pod}", "--wait", "90"],
            data=claim(f"data-{pod}"),
            backups=claim("alys-node-backups"),
        )
        for pod in PODS
    }
    for name in ready.values():
        workspace.kubectl("wait", f"pod/{name}", "--for=jsonpath={.status.phase}=Running", "--timeout=60s")
    assert enter(workspace, "sync-improvement")
    assert {finish(workspace, name)[1] for name in ready.values()} == {"0"}
    chains.hold(heads)
    assert {head["format"] for head in chains.heads().values()} == {2}


def test_a_full_backup_volume_is_refused_in_plain_words(workspace):
    assert enter(workspace, "foundation")
    room = {"emptyDir": {"medium": "Memory", "sizeLimit": "4Ki"}}
    name = start(workspace, ["backup", "--to", "/backups/b/p"], data=claim("data-alys-node-0"), backups=room)
    said, code = finish(workspace, name)
    assert (code, "there is no room for it" in said) == ("1", True), said
