"""Volumes of a namespace: what is deleted, and what was gone before."""

from release.outside.volumes import KIND, Volumes
from tests.release.snapshots import FakeKube, cluster

LABEL = "alys.network/run"


def test_what_is_gone_already_is_fine():
    kube = FakeKube()
    volumes = Volumes(cluster(kube))
    volumes.drop("nothing")
    assert kube.done == []


def test_a_snapshot_that_the_storage_has_not_begun_is_only_deleted():
    kube = FakeKube(ready_after=9)
    volumes = Volumes(cluster(kube))
    volumes.take({**KIND, "metadata": {"name": "a", "labels": {LABEL: "run-1"}}})
    volumes.drop("a")
    assert kube.done == [("create", "a"), ("delete", "a")]
