from components.chain_storage import tag_specifications
from tests.cloud import with_cluster

CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
SNAPSHOTS = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"
BACKED_UP = "alys-backup=chain"


def test_chain_data_outlives_its_claim():
    chain = with_cluster().one(CLASS, "storage-chain")
    assert chain.inputs["metadata"]["name"] == "alys-chain"
    assert chain.inputs["reclaimPolicy"] == "Retain"


def test_chain_data_is_fast_and_encrypted_with_the_environments_key():
    chain = with_cluster().one(CLASS, "storage-chain")
    assert chain.inputs["parameters"]["type"] == "gp3"
    assert chain.inputs["parameters"]["encrypted"] == "true"
    assert "kmsKeyId" in chain.inputs["parameters"]


def test_a_volume_is_made_in_the_zone_of_its_pod():
    assert {one.inputs["volumeBindingMode"] for one in with_cluster().all(CLASS)} == {"WaitForFirstConsumer"}


def test_backups_find_chain_data_and_nothing_else():
    recording = with_cluster()
    marked = {
        one.inputs["metadata"]["name"]: BACKED_UP in one.inputs["parameters"].values()
        for one in recording.all(CLASS)
    }
    assert marked == {"alys-chain": True, "alys-default": False}


def test_the_default_class_is_encrypted_too():
    default = with_cluster().one(CLASS, "storage-default")
    assert default.inputs["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "true"
    }
    assert default.inputs["parameters"]["encrypted"] == "true"


def test_a_snapshot_outlives_the_object_that_named_it():
    snapshots = with_cluster().one(SNAPSHOTS)
    assert snapshots.inputs["driver"] == "ebs.csi.aws.com"
    assert snapshots.inputs["deletionPolicy"] == "Retain"


def test_tags_are_numbered_in_an_order_that_stays():
    assert tag_specifications({"b": "2", "a": "1"}) == {
        "tagSpecification_1": "a=1",
        "tagSpecification_2": "b=2",
    }
