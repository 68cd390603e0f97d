import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cluster import snapshot_objects as objects
from local.cluster import volumes
from tests.local.cluster.snapshot_samples import claim, snapshot

POLICIES = {"alys-snapshots": "Retain"}
READY = {"boundVolumeSnapshotContentName": "snapcontent-5e6f", "readyToUse": True}
HANDLE = {"snapshotHandle": "snapshot-5e6f", "readyToUse": True, "restoreSize": 100 * 2**20}


def content(policy="Retain", **changes) -> dict:
    return objects.content_for(snapshot(), claim(), policy) | {"status": HANDLE} | changes


@pytest.mark.parametrize(
    ("quantity", "number"),
    [("0", 0), ("1Mi", 2**20), ("1.5Gi", 3 * 2**29), ("5M", 5_000_000), ("2e3", 2000), ("1E", 10**18)],
)
def test_a_quantity_is_so_many_bytes(quantity, number):
    assert objects.bytes_of(quantity) == number


def test_a_part_of_a_byte_is_a_byte():
    assert objects.bytes_of("1100m") == 2


@given(st.integers(0, 2**62))
def test_a_plain_number_is_itself(number):
    assert objects.bytes_of(str(number)) == number


@pytest.mark.parametrize("quantity", ["", "Mi", "1mi", "1 Gi", "-1"])
def test_what_is_no_quantity_is_refused(quantity):
    with pytest.raises(ValueError, match=f"{quantity} is no amount of storage"):
        objects.bytes_of(quantity)


def test_the_storage_class_is_not_the_default_one():
    made = volumes.storage_class(objects.PROVISION)
    assert (made["metadata"]["name"], made["provisioner"]) == ("alys-snapshots", "alys.network/snapshots")
    assert made["metadata"]["annotations"] == {}


def test_a_new_snapshot_of_a_claim_is_taken():
    assert objects.wants_copy(snapshot(), POLICIES)


@pytest.mark.parametrize(
    "other",
    [
        snapshot(status=READY),
        snapshot(spec=snapshot()["spec"] | {"volumeSnapshotClassName": "theirs"}),
        snapshot(spec={"source": snapshot()["spec"]["source"]}),
        snapshot(spec=snapshot()["spec"] | {"source": {"volumeSnapshotContentName": "known"}}),
        snapshot(metadata=snapshot()["metadata"] | {"deletionTimestamp": "2026-11-24T00:00:00Z"}),
    ],
    ids=["ready", "of another class", "of no class", "of a content", "being deleted"],
)
def test_any_other_snapshot_is_left_alone(other):
    assert not objects.wants_copy(other, POLICIES)


def test_a_snapshot_is_of_the_claim_in_its_own_namespace():
    stranger = claim(metadata={"name": "data-0", "namespace": "theirs", "uid": "ffff"})
    assert objects.claim_of(snapshot(), [stranger, claim()]) == claim()


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ([], "there is no PersistentVolumeClaim n/data-0"),
        ([claim(spec={"storageClassName": "alys-local"})], "is not of storage class alys-snapshots"),
        ([claim(status={"phase": "Pending"})], "PersistentVolumeClaim n/data-0 has no volume yet"),
    ],
    ids=["missing", "of another class", "pending"],
)
def test_a_claim_that_can_not_be_copied_is_named_with_the_reason(claims, message):
    with pytest.raises(objects.SourceError, match=message):
        objects.claim_of(snapshot(), claims)


def test_a_content_names_its_snapshot_and_volume_as_the_vendors_controller_does():
    made = objects.content_for(snapshot(), claim(), "Delete")
    assert made["metadata"]["name"] == "snapcontent-5e6f"
    assert made["spec"]["source"] == {"volumeHandle": "pvc-0a1b"}
    assert made["spec"]["deletionPolicy"] == "Delete"
    assert made["spec"]["volumeSnapshotRef"]["uid"] == "5e6f"


def test_times_are_written_as_kubernetes_does():
    assert objects.time_of(1_795_717_296_987_654_321) == "2026-11-26T18:21:36Z"


def test_a_claim_needs_what_its_volume_has():
    assert objects.size_of(claim(status={"capacity": {"storage": "1Gi"}})) == "1Gi"
    assert objects.size_of(claim(status={})) == "100Mi"


def test_a_claim_is_restored_from_a_ready_snapshot():
    restored = objects.content_to_restore(claim("before"), [snapshot(status=READY)], [content()])
    assert restored == content()


@pytest.mark.parametrize(
    ("wanting", "snapshots", "contents"),
    [
        (claim("before"), [], []),
        (claim("before"), [snapshot()], [content()]),
        (claim("before"), [snapshot(status=READY)], []),
        (claim("before"), [snapshot(status=READY)], [content(status={})]),
        (claim("before"), [snapshot(status=READY)], [content(status={"snapshotHandle": "../pki"})]),
        (claim("before", size="99Mi"), [snapshot(status=READY)], [content()]),
        (
            claim("before", metadata={"name": "restored", "namespace": "theirs", "uid": "2c3d"}),
            [snapshot(status=READY)],
            [content()],
        ),
        (
            claim("before", spec={"dataSource": {"kind": "PersistentVolumeClaim", "name": "before"}}),
            [snapshot(status=READY)],
            [content()],
        ),
    ],
    ids=[
        "missing",
        "not ready",
        "without content",
        "with a content that is not ready",
        "with a handle of somebody's own making",
        "greater than the claim",
        "of another namespace",
        "no snapshot at all",
    ],
)
def test_a_claim_waits_for_its_source(wanting, snapshots, contents):
    assert objects.content_to_restore(wanting, snapshots, contents) is None


def test_a_content_goes_after_its_snapshot_when_its_policy_says_so():
    assert objects.is_done_with(content("Delete"), [])
    assert objects.is_done_with(content("Delete"), [snapshot(uid="9999")])
    assert not objects.is_done_with(content("Delete"), [snapshot()])
    assert not objects.is_done_with(content("Retain"), [])


def test_a_content_of_another_driver_or_one_made_by_hand_is_left_alone():
    theirs = content("Delete")
    theirs["spec"]["driver"] = "theirs"
    assert not objects.is_done_with(theirs, [])
    unbound = content("Delete")
    del unbound["spec"]["volumeSnapshotRef"]["uid"]
    assert not objects.is_done_with(unbound, [])
