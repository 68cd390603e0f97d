import pytest

from local.cluster import volumes
from local.cluster.api import ApiError
from local.cluster.volumes import is_done_with, volume_for, wants_volume

ASKED = "volume.kubernetes.io/storage-provisioner"


def claim(**changes) -> dict:
    spec = {
        "storageClassName": "alys-local",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "100Mi"}},
    }
    meta = {
        "name": "data-0",
        "namespace": "n",
        "uid": "0a1b",
        "annotations": {ASKED: "alys.network/local"},
    }
    return {"metadata": meta, "spec": spec, "status": {"phase": "Pending"}} | changes


def test_a_pending_claim_on_the_local_class_gets_a_volume():
    assert wants_volume(claim())


@pytest.mark.parametrize(
    "other",
    [
        claim(status={"phase": "Bound"}),
        claim(metadata=claim()["metadata"] | {"annotations": {}}),
        claim(metadata=claim()["metadata"] | {"annotations": {ASKED: "theirs"}}),
        claim(spec=claim()["spec"] | {"volumeName": "pv-of-somebody"}),
        claim(metadata=claim()["metadata"] | {"deletionTimestamp": "2026-11-24T00:00:00Z"}),
    ],
    ids=[
        "bound",
        "one whose volume may be there",
        "of another class",
        "for a volume by name",
        "being deleted",
    ],
)
def test_any_other_claim_is_left_alone(other):
    assert not wants_volume(other)


def test_a_volume_is_for_its_claim_alone(tmp_path):
    volume = volume_for(claim(), tmp_path)
    assert volume["spec"]["claimRef"]["uid"] == "0a1b"
    assert volume["spec"]["capacity"] == {"storage": "100Mi"}
    assert volume["spec"]["local"] == {"path": str(tmp_path)}


def test_only_volumes_of_ours_that_lost_their_claim_are_taken_away(tmp_path):
    ours = volume_for(claim(), tmp_path)
    assert is_done_with(ours | {"status": {"phase": "Released"}})
    assert not is_done_with(ours | {"status": {"phase": "Bound"}})
    kept = ours | {"spec": ours["spec"] | {"persistentVolumeReclaimPolicy": "Retain"}}
    assert not is_done_with(kept | {"status": {"phase": "Released"}})
    theirs = ours | {"spec": ours["spec"] | {"storageClassName": "theirs"}, "status": {"phase": "Released"}}
    assert not is_done_with(theirs)


class FakeApi:
    """An API server with lists to read, which remembers what it was told; a fake."""

    def __init__(self, claims=(), held=(), refusal=None):
        self.lists = {volumes.CLAIMS: list(claims), volumes.VOLUMES: list(held)}
        self.refusal = refusal
        self.posted, self.deleted = [], []

    def get(self, path):
        return {"metadata": {"resourceVersion": "7"}, "items": self.lists[path]}

    def post(self, path, body):
        if self.refusal:
            raise ApiError(self.refusal, "refused")
        self.posted.append((path, body["metadata"]["name"]))

    def delete(self, path):
        self.deleted.append(path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(volumes, "FOLDER", tmp_path)
    return tmp_path


def test_a_claims_folder_is_writable_by_pods_of_any_user(folder):
    api = FakeApi(claims=[claim()])
    assert volumes.settle(api) == "7"
    assert api.posted == [(volumes.VOLUMES, "pvc-0a1b")]
    assert (folder / "pvc-0a1b").stat().st_mode & 0o777 == 0o777


def test_a_volume_that_is_already_there_is_no_trouble(folder):
    volumes.settle(FakeApi(claims=[claim()], refusal=409))


def test_a_refusal_of_another_kind_is_not_swallowed(folder):
    with pytest.raises(ApiError, match="403"):
        volumes.settle(FakeApi(claims=[claim()], refusal=403))


def test_data_goes_with_the_claim(folder):
    (folder / "pvc-0a1b").mkdir()
    (folder / "pvc-0a1b" / "data").touch()
    (folder / "pvc-ffff").mkdir()
    api = FakeApi(held=[volume_for(claim(), folder) | {"status": {"phase": "Released"}}])
    volumes.settle(api)
    assert [path.name for path in folder.iterdir()] == ["pvc-ffff"]
    assert api.deleted == [f"{volumes.VOLUMES}/pvc-0a1b"]


def test_a_volume_with_a_strange_name_takes_no_folder_with_it(folder):
    (folder / "precious").mkdir()
    volume = volume_for(claim(), folder) | {"status": {"phase": "Released"}}
    volume["metadata"]["name"] = "precious"
    volumes.settle(FakeApi(held=[volume]))
    assert (folder / "precious").exists()
