"""Volumes of a namespace: what is deleted, and what was gone before."""

from release.outside.volumes import KIND, Volumes
from tests.release.snapshots import FakeKube, cluster

LABEL = "alys.network/run"


def test_what_is_gone_already_is_fine():
    kube = FakeKube()
    volumes = Volumes(cluster(kube))
    volumes.drop("nothing")
    volumes.remove("nothing")
    assert kube.done == []


def test_a_snapshot_that_the_storage_has_not_begun_is_only_deleted():
    kube = FakeKube(ready_after=9)
    volumes = Volumes(cluster(kube))
    volumes.take({**KIND, "metadata": {"name": "a", "labels": {LABEL: "run-1"}}})
    volumes.drop("a")
    assert kube.done == [("create", "a"), ("delete", "a")]


def test_claims_are_told_by_a_label():
    kube = FakeKube()
    volumes = Volumes(cluster(kube))
    volumes.copy("a", of="data-alys-node-0", name="copy", labels={LABEL: "run-1"})
    assert volumes.claims(LABEL) == ("copy",)
    volumes.remove("copy")
    assert volumes.claims(LABEL) == ()
