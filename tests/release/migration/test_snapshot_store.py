"""Snapshots as backups: read once in a copy, made whole or not at all, deleted in the storage, too."""

import pytest

from release.errors import ContactLostError
from release.migration import snapshot_store
from release.migration.data_job import Mount
from release.migration.snapshot_store import MANIFEST, SnapshotStore, part, snapshot
from sections.release import Snapshots
from tests.release.snapshots import PODS, FakeJobs, FakeKube, cluster

NAMESPACE = "/apis/snapshot.storage.k8s.io/v1/namespaces/alys-local/volumesnapshots"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(snapshot_store, "LOOK_SECONDS", 0)


@pytest.fixture
def kube():
    return FakeKube()


def store(kube, jobs=None, *, pods=PODS):
    return SnapshotStore(
        cluster=cluster(kube, pods),
        jobs=jobs or FakeJobs(),
        classes=Snapshots(snapshot_class="alys-chain", storage_class="alys-default"),
        limit_seconds=0.2,
    )


def there(kube, name="before", pods=PODS):
    """A backup that the chart has made, and nobody has read."""
    for pod in pods:
        kube.create(NAMESPACE, snapshot(name, pod, snapshot_class="alys-chain"))


def test_what_nobody_has_read_is_read_in_a_copy(kube):
    there(kube)
    jobs = FakeJobs()
    (found,) = store(kube, jobs).found()
    assert (found.name, found.problems(PODS)) == ("before", ())
    assert {pod: one.manifest.height for pod, one in found.parts.items()} == dict.fromkeys(PODS, 7)
    assert [one.path for one in jobs.mounted] == [f"/backups/before/{pod}" for pod in PODS]
    assert not any(one.writes for one in jobs.mounted)


def test_what_was_read_once_needs_no_copy_again(kube):
    there(kube)
    first = store(kube).found()
    jobs = FakeJobs()
    assert store(kube, jobs).found() == first
    assert jobs.mounted == []


def test_a_copy_is_as_large_as_the_pods_volume_and_of_a_class_that_deletes_it(kube):
    there(kube)
    there(kube, "another")
    with store(kube).mounted("before", PODS[:1]) as mounts:
        made = {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "alys-default",
            "resources": {"requests": {"storage": "7Gi"}},
            "dataSource": {
                "apiGroup": "snapshot.storage.k8s.io",
                "kind": "VolumeSnapshot",
                "name": f"{PODS[0]}-before",
            },
        }
        source = {"ephemeral": {"volumeClaimTemplate": {"spec": made}}}
        assert mounts == {PODS[0]: [Mount(source=source, path=f"/backups/before/{PODS[0]}")]}


def test_a_job_that_fails_leaves_no_note(kube):
    there(kube)
    (found,) = store(kube, FakeJobs(fails="alys-node: no room")).found()
    assert found.problems(PODS) == tuple(f"{pod}-before has no manifest" for pod in PODS)


def test_a_snapshot_without_a_manifest_is_told_by_its_name(kube):
    there(kube)
    (found,) = store(kube, FakeJobs(silent=PODS[:1])).found()
    assert found.problems(PODS) == ("alys-node-0-before has no manifest",)


def test_one_that_is_not_ready_is_told_and_not_read(kube):
    there(kube)
    kube.says, jobs = "quota exceeded", FakeJobs()
    (found,) = store(kube, jobs).found()
    assert found.problems(PODS) == tuple(f"{pod}-before isn't ready" for pod in PODS)
    assert jobs.mounted == []


def test_a_spoilt_note_is_no_manifest():
    made = snapshot("before", PODS[0], snapshot_class="alys-chain")
    made |= {"status": {"readyToUse": True}}
    made["metadata"]["annotations"] = {MANIFEST: "{}"}
    assert "is no manifest" in part(made).problem


def test_a_pod_that_is_gone_keeps_what_was_read_of_it(kube):
    there(kube)
    store(kube).found()
    (found,) = store(kube, FakeJobs(fails="nobody is there"), pods=PODS[:1]).found()
    assert found.problems(PODS) == ()


def test_a_pod_that_is_gone_is_not_waited_for(kube):
    there(kube)
    jobs = FakeJobs()
    store(kube, jobs, pods=PODS[:1]).found()
    assert [one.path for one in jobs.mounted] == [f"/backups/before/{PODS[0]}"]


def test_a_backup_is_a_manifest_and_then_a_snapshot_of_each_pod(kube):
    kube.ready_after, jobs = 2, FakeJobs()
    assert store(kube, jobs).make("by-hand", PODS) == ""
    assert jobs.wrote == list(PODS)
    assert kube.named("volumesnapshots") == [f"{pod}-by-hand" for pod in PODS]


def test_without_a_manifest_no_snapshot_is_made(kube):
    assert "no room" in store(kube, FakeJobs(fails="alys-node: no room")).make("by-hand", PODS)
    assert kube.done == []


def test_one_that_never_gets_ready_fails_with_what_the_storage_says_and_leaves_none(kube):
    kube.says = "quota exceeded"
    problem = store(kube).make("by-hand", PODS)
    assert "alys-node-0-by-hand isn't ready after 0.2 s: quota exceeded" in problem
    assert kube.named("volumesnapshots") == []


def test_one_that_cannot_be_made_takes_the_others_with_it(kube):
    kube.refuses = f"{PODS[1]}-by-hand"
    with pytest.raises(ContactLostError):
        store(kube).make("by-hand", PODS)
    assert kube.named("volumesnapshots") == []


def test_what_is_forgotten_is_deleted_in_the_storage_too(kube):
    there(kube)
    there(kube, "another")
    kept = store(kube)
    kept.found()
    assert kept.forget(["before"]) == ""
    assert kube.named("volumesnapshots") == [f"{pod}-another" for pod in PODS]
    policies = [one["spec"]["deletionPolicy"] for path, one in kube.objects.items() if "contents/" in path]
    assert sorted(policies) == ["Delete", "Delete", "Retain", "Retain"]
    done = [one for one in kube.done if one[0] != "create"][-4:]
    assert [verb for verb, _ in done] == ["patch", "delete", "patch", "delete"]


def test_a_snapshot_of_somebody_else_is_never_looked_at(kube):
    theirs = snapshot("before", PODS[0], snapshot_class="alys-chain")
    theirs["metadata"]["labels"] = {"alys.network/backup": "before", "alys.network/pod": PODS[0]}
    kube.create(NAMESPACE, theirs)
    kept = store(kube)
    assert kept.found() == ()
    assert kept.forget(["before"]) == ""
    assert kube.named("volumesnapshots") == [f"{PODS[0]}-before"]
