"""Backups as snapshots of the pods' volumes: the vendor's objects, and a stand-in for a driver."""

import json

import pytest
import yaml

from local import node_image
from tests.engine.test_driver import result, wait_for
from tests.engine.test_migrate import (
    begin,
    gate,
    objects,
    phases_of,
    rehearse,
    restore,
)
from tests.engine.test_phases import PODS, Chains, enter, uids

pytestmark = pytest.mark.cluster

CLASS = "alys-snapshots"


@pytest.fixture
def snapshotted(workspace):
    """A workspace whose volumes have snapshots, and no other place for backups."""
    content = yaml.safe_load(workspace.stack.config_file.read_text())
    release = content["config"]["alys:release"]
    release.pop("backup_volume")
    classes = {"snapshot_class": CLASS, "storage_class": CLASS}
    release |= {"storage_class": CLASS, "snapshots": classes}
    # Before the pods four Jobs run one after the other.
    release["timing"]["update"] = 60
    workspace.stack.config_file.write_text(yaml.safe_dump(content, sort_keys=False))
    yield workspace
    # They outlive the namespace, as backups should; those of a test need not.
    for content in contents(workspace):
        name, dropped = content["metadata"]["name"], '{"spec": {"deletionPolicy": "Delete"}}'
        workspace.kubectl("patch", "volumesnapshotcontent", name, "--type=merge", f"--patch={dropped}")
        workspace.kubectl("delete", "volumesnapshotcontent", name, "--ignore-not-found", "--wait=false")


@pytest.fixture
def chains(snapshotted):
    return Chains(snapshotted)


def contents(workspace, suffix=""):
    """What the storage keeps for the namespace."""
    items = json.loads(workspace.kubectl("get", "volumesnapshotcontents", "-o", "json"))["items"]
    name = workspace.namespace.name + suffix
    return [one for one in items if one["spec"]["volumeSnapshotRef"]["namespace"] == name]


def snapshots_kept(workspace, suffix=""):
    """The names of the snapshots that the storage has for the namespace."""
    return sorted(one["spec"]["volumeSnapshotRef"]["name"] for one in contents(workspace, suffix))


def backups(workspace):
    """What `release backups` tells."""
    run = workspace.driver("backups", "local", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    return result(run)["backups"]


def test_a_phase_begins_with_a_snapshot_of_every_volume_that_was_read_whole(snapshotted, chains):
    """A migration that would lose a block is found on the copy, while every pod serves."""
    assert enter(snapshotted, "actor-core")
    heads, pods = chains.heads(), uids(snapshotted)
    fault = "migrate-loses-block"
    digest = node_image.push(f"v2.9.0-{fault}", fault)
    snapshotted.stack.pin({"version": f"v2.9.0-{fault}", "digest": digest, "phase": "sync-improvement"})
    assert not snapshotted.stack.up()
    assert "is missing" in snapshotted.kubectl("logs", "job/alys-node-backup-0-check")
    assert uids(snapshotted) == pods
    there = objects(snapshotted)
    (failed,) = backups(snapshotted)
    assert (failed["problems"], failed["pods"][PODS[0]]["phase"]) == ([], "actor-core")
    assert all(failed["pods"][pod]["height"] >= heads[pod]["height"] for pod in PODS)
    wait_for(lambda: objects(snapshotted) == there)
    assert enter(snapshotted, "sync-improvement")
    chains.hold(heads)
    assert len(backups(snapshotted)) == 2
    assert snapshotted.kubectl("get", "pvc", "-o", "name").split() == [
        f"persistentvolumeclaim/data-{pod}" for pod in PODS
    ]


def test_a_snapshot_is_made_and_restored_and_what_retention_lets_go_is_gone(snapshotted, chains):
    assert enter(snapshotted, "actor-core")
    for _ in range(2):
        made = snapshotted.driver("backup", "local", "--keep", "1", "--json")
        assert made.returncode == 0, made.stdout + made.stderr
    name, kept = result(made)["made"], result(made)["backups"][0]
    assert (kept["name"], kept["problems"]) == (name, [])
    wait_for(lambda: snapshots_kept(snapshotted) == [f"{pod}-{name}" for pod in PODS])
    there = objects(snapshotted)
    restore(snapshotted, chains, kept)
    wait_for(lambda: objects(snapshotted) == there)


def test_past_a_point_of_no_return_snapshots_lead_back_with_every_block(
    snapshotted,
    chains,
    newer_digest,
):
    begin(snapshotted, newer_digest, "sync-improvement")
    heads = chains.heads()
    gate(snapshotted, "lighthouse-migration", "max = -1")
    run = snapshotted.driver("migrate", "local", "lighthouse-migration", "--json")
    assert run.returncode == 4, run.stdout + run.stderr
    assert "gate own" in result(run)["reason"]
    chains.hold(heads)
    assert phases_of(chains) == {(2, "sync-improvement")}
    claims = snapshotted.kubectl("get", "pvc", "-o", "name").split()
    assert claims == [f"persistentvolumeclaim/data-{pod}" for pod in PODS]


def test_past_a_point_of_no_return_a_copy_comes_back_by_its_own_backup_also_after_a_killed_rehearsal(
    snapshotted,
    chains,
    newer_digest,
):
    begin(snapshotted, newer_digest, "sync-improvement")
    assert snapshotted.driver("backup", "local").returncode == 0
    kept, there = snapshots_kept(snapshotted), objects(snapshotted)
    killed = snapshotted.start_driver("migrate", "local", "--rehearse")
    # The copy's own backup is there then.
    wait_for(lambda: snapshots_kept(snapshotted, "-rehearsal"), seconds=180)
    killed.kill()
    killed.communicate()
    assert rehearse(snapshotted, chains, there) == ["deploy", "migrate", "restore"]
    assert snapshots_kept(snapshotted) == kept
    wait_for(lambda: snapshots_kept(snapshotted, "-rehearsal") == [])
