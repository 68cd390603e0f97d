import copy
import re
import time

import pytest

from local.cluster import config, copies, snapshots, volumes
from local.cluster import snapshot_objects as objects
from local.cluster.api import ApiError
from tests.local.cluster.snapshot_samples import ASKED, claim, snapshot, snapshot_class

CONTENT = f"{snapshots.CONTENTS}/snapcontent-5e6f"
SNAPSHOT = "/apis/snapshot.storage.k8s.io/v1/namespaces/n/volumesnapshots/before"
OURS = snapshot_class()


class FakeApi:
    """An API server that keeps contents, volumes and statuses, and no more; a fake."""

    def __init__(self, *taken, claims=(), classes=(OURS,)):
        self.lists = {
            volumes.CLAIMS: list(claims),
            volumes.VOLUMES: [],
            snapshots.SNAPSHOTS: list(taken),
            snapshots.CONTENTS: [],
            snapshots.CLASSES: list(classes),
        }
        self.texts, self.patched, self.deleted = [], [], []
        self.refusals = {}

    def get(self, path):
        return {"metadata": {"resourceVersion": "7"}, "items": copy.deepcopy(self.lists[path])}

    def post(self, path, body):
        self._refuse(path)
        if any(one["metadata"]["name"] == body["metadata"]["name"] for one in self.lists.get(path, [])):
            raise ApiError(409, "is there already")
        self.lists.setdefault(path, []).append(body)

    def post_yaml(self, path, text):
        self._refuse(path)
        self.texts.append((path, text))

    def patch(self, path, body):
        self._refuse(path)
        name, part = re.search(r"([^/]+)/([^/]+)$", path).groups()
        self.patched.append(path)
        kind = snapshots.SNAPSHOTS if "/namespaces/" in path else snapshots.CONTENTS
        (one,) = (one for one in self.lists[kind] if one["metadata"]["name"] == name)
        seen = body.get("metadata", {})
        if seen and seen["resourceVersion"] != one["metadata"]["resourceVersion"]:
            raise ApiError(409, "is out of date")
        merged = one.get(part, {}) | body[part]
        one[part] = {key: value for key, value in merged.items() if value is not None}

    def delete(self, path):
        self.deleted.append(path)
        collection, _, name = path.rpartition("/")
        self.lists[collection] = [one for one in self.lists[collection] if one["metadata"]["name"] != name]

    def _refuse(self, path):
        if status := self.refusals.get(path):
            raise ApiError(status, "refused")

    @property
    def status(self):
        (snapshot,) = self.lists[snapshots.SNAPSHOTS]
        return snapshot["status"]

    @property
    def content(self):
        (content,) = self.lists[snapshots.CONTENTS]
        return content


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With the volume of a claim in it."""
    monkeypatch.setattr(volumes, "FOLDER", tmp_path / "volumes")
    monkeypatch.setattr(snapshots, "FOLDER", tmp_path / "snapshots")
    (tmp_path / "volumes" / "pvc-0a1b").mkdir(parents=True)
    (tmp_path / "volumes" / "pvc-0a1b" / "blocks").write_text("seven")
    return tmp_path


def test_a_snapshot_is_a_copy_with_a_content_and_both_say_so(folder):
    began = time.time_ns()
    api = FakeApi(snapshot(), claims=[claim()])
    snapshots.settle(api)
    assert (folder / "snapshots" / "snapshot-5e6f" / "blocks").read_text() == "seven"
    told = api.content["status"]
    assert (told["snapshotHandle"], told["readyToUse"]) == ("snapshot-5e6f", True)
    assert told["restoreSize"] == 100 * 2**20
    assert abs(told["creationTime"] - began) < 60 * 10**9
    assert api.status == {
        "boundVolumeSnapshotContentName": "snapcontent-5e6f",
        "readyToUse": True,
        "creationTime": objects.time_of(told["creationTime"]),
        "restoreSize": "100Mi",
    }


def test_a_snapshot_that_is_ready_is_not_taken_again(folder):
    api = FakeApi(snapshot(), claims=[claim()])
    snapshots.settle(api)
    api.patched.clear()
    (folder / "volumes" / "pvc-0a1b" / "blocks").write_text("eight")
    snapshots.settle(api)
    assert api.patched == []
    assert (folder / "snapshots" / "snapshot-5e6f" / "blocks").read_text() == "seven"


def test_the_content_has_the_policy_of_the_snapshots_class(folder):
    api = FakeApi(snapshot(), claims=[claim()], classes=[snapshot_class(policy="Delete")])
    snapshots.settle(api)
    assert api.content["spec"]["deletionPolicy"] == "Delete"


def test_a_snapshot_of_another_drivers_class_is_left_alone(folder):
    api = FakeApi(snapshot(), claims=[claim()], classes=[snapshot_class(driver="theirs")])
    snapshots.settle(api)
    assert (api.patched, api.lists[snapshots.CONTENTS]) == ([], [])


def test_a_snapshot_of_a_missing_claim_says_so_once_and_is_taken_when_the_claim_comes(folder):
    """A status that is told again is a change, and each change is a reason to look again."""
    api = FakeApi(snapshot())
    snapshots.settle(api)
    snapshots.settle(api)
    assert api.status["error"]["message"] == "there is no PersistentVolumeClaim n/data-0"
    assert api.status["readyToUse"] is False
    assert api.patched == [f"{SNAPSHOT}/status"]
    api.lists[volumes.CLAIMS].append(claim())
    snapshots.settle(api)
    assert api.status["readyToUse"] is True
    assert "error" not in api.status


def test_a_copy_that_fails_is_said_and_tried_again(folder, monkeypatch):
    api = FakeApi(snapshot(), claims=[claim()])
    with monkeypatch.context() as patch:
        patch.setattr(copies, "_copy", lambda *_: (_ for _ in ()).throw(OSError("No space left on device")))
        snapshots.settle(api)
    assert "No space left on device" in api.status["error"]["message"]
    snapshots.settle(api)
    assert api.status["readyToUse"] is True


@pytest.mark.parametrize("step", [f"{CONTENT}/status", f"{SNAPSHOT}/status"])
def test_a_pass_that_ended_halfway_is_ended_by_the_next(folder, step):
    api = FakeApi(snapshot(), claims=[claim()])
    api.refusals[step] = 503
    with pytest.raises(ApiError, match="503"):
        snapshots.settle(api)
    (folder / "volumes" / "pvc-0a1b" / "blocks").write_text("eight")
    api.refusals.clear()
    snapshots.settle(api)
    assert api.status["readyToUse"] is True
    assert (folder / "snapshots" / "snapshot-5e6f" / "blocks").read_text() == "seven"


@pytest.mark.parametrize("status", [404, 409])
def test_a_snapshot_that_went_while_it_was_copied_is_no_trouble(folder, status):
    api = FakeApi(snapshot(), claims=[claim()])
    api.refusals[f"{SNAPSHOT}/status"] = status
    snapshots.settle(api)


def test_another_snapshot_that_took_the_name_meanwhile_is_not_told_of_the_copy(folder, monkeypatch):
    api = FakeApi(snapshot(), claims=[claim()])
    other = snapshot(uid="7a7b")
    other["metadata"]["resourceVersion"] = "8"
    with monkeypatch.context() as patch:
        patch.setattr(copies, "_copy", lambda _, target: swap(target, api, other))
        snapshots.settle(api)
    assert "status" not in api.lists[snapshots.SNAPSHOTS][0]
    snapshots.settle(api)
    assert api.status["boundVolumeSnapshotContentName"] == "snapcontent-7a7b"


def swap(target, api, other) -> None:
    target.mkdir()
    api.lists[snapshots.SNAPSHOTS] = [other]


def test_a_copy_goes_with_its_snapshot_when_the_policy_says_so(folder):
    api = FakeApi(snapshot(), claims=[claim()], classes=[snapshot_class(policy="Delete")])
    snapshots.settle(api)
    api.lists[snapshots.SNAPSHOTS].clear()
    snapshots.settle(api)
    assert api.deleted == [CONTENT]
    assert list((folder / "snapshots").iterdir()) == []


def test_a_retained_copy_outlives_its_snapshot(folder):
    api = FakeApi(snapshot(), claims=[claim()])
    snapshots.settle(api)
    api.lists[snapshots.SNAPSHOTS].clear()
    snapshots.settle(api)
    assert api.deleted == []
    assert (folder / "snapshots" / "snapshot-5e6f" / "blocks").exists()


def test_a_content_with_a_strange_name_takes_no_folder_with_it(folder):
    content = objects.content_for(snapshot(), claim(), "Delete")
    content["metadata"]["name"] = "snapcontent-.."
    api = FakeApi()
    api.lists[snapshots.CONTENTS].append(content)
    snapshots.settle(api)
    assert api.deleted == [f"{snapshots.CONTENTS}/snapcontent-.."]
    assert (folder / "volumes" / "pvc-0a1b").exists()


def test_a_claim_starts_with_its_snapshots_data(folder):
    api = FakeApi(snapshot(), claims=[claim(), claim("before")])
    snapshots.settle(api)
    assert not (folder / "volumes" / "pvc-2c3d").exists()
    (folder / "volumes" / "pvc-0a1b" / "blocks").write_text("eight")
    snapshots.settle(api)
    assert (folder / "volumes" / "pvc-2c3d" / "blocks").read_text() == "seven"
    (volume,) = api.lists[volumes.VOLUMES]
    assert volume["metadata"]["name"] == "pvc-2c3d"
    assert volume["spec"]["storageClassName"] == "alys-snapshots"
    assert volume["metadata"]["annotations"] == {"pv.kubernetes.io/provisioned-by": "alys.network/snapshots"}


def test_a_claim_whose_snapshot_is_missing_stays_pending(folder):
    api = FakeApi(claims=[claim("before")])
    snapshots.settle(api)
    assert api.lists[volumes.VOLUMES] == []
    assert not (folder / "volumes" / "pvc-2c3d").exists()


def test_a_claim_whose_data_can_not_be_restored_holds_up_no_other(folder):
    """Its copy has been taken away by hand."""
    api = FakeApi(snapshot(), claims=[claim(), claim("before"), fresh()])
    snapshots.settle(api)
    (folder / "snapshots" / "snapshot-5e6f").rename(folder / "away")
    snapshots.settle(api)
    assert [one["metadata"]["name"] for one in api.lists[volumes.VOLUMES]] == ["pvc-4a4a"]


def fresh() -> dict:
    """A claim that asks for no source."""
    spec = claim()["spec"].copy()
    del spec["volumeName"]
    meta = {"name": "fresh", "namespace": "n", "uid": "4a4a", "annotations": dict(ASKED)}
    return {"metadata": meta, "spec": spec, "status": {"phase": "Pending"}}


def test_a_claim_without_a_source_starts_empty(folder):
    api = FakeApi(claims=[fresh()])
    snapshots.settle(api)
    assert list((folder / "volumes" / "pvc-4a4a").iterdir()) == []
    assert (folder / "volumes" / "pvc-4a4a").stat().st_mode & 0o777 == 0o777


def test_claims_of_the_other_class_are_left_to_it(folder):
    local = fresh()
    local["spec"]["storageClassName"] = "alys-local"
    local["metadata"]["annotations"] = {"volume.kubernetes.io/storage-provisioner": "alys.network/local"}
    api = FakeApi(claims=[local])
    snapshots.settle(api)
    assert api.lists[volumes.VOLUMES] == []


def test_definitions_come_before_what_they_define(folder, tmp_path):
    definitions = tmp_path / "definitions"
    definitions.mkdir()
    (definitions / "one.yaml").write_text("kind: CustomResourceDefinition\n")
    api = FakeApi(classes=())
    snapshots.install(api, definitions)
    assert api.texts == [(snapshots.DEFINITIONS, "kind: CustomResourceDefinition\n")]
    assert [one["metadata"]["name"] for one in api.lists[volumes.CLASSES]] == ["alys-snapshots"]
    (made,) = api.lists[snapshots.CLASSES]
    assert (made["driver"], made["deletionPolicy"]) == ("alys.network/snapshots", "Retain")


def test_what_is_installed_already_is_no_trouble(folder, tmp_path):
    api = FakeApi()
    api.refusals = dict.fromkeys((snapshots.DEFINITIONS, volumes.CLASSES, snapshots.CLASSES), 409)
    (tmp_path / "one.yaml").write_text("")
    snapshots.install(api, tmp_path)


def test_a_definition_that_is_not_known_yet_is_an_error_that_is_tried_again(folder, tmp_path):
    api = FakeApi()
    api.refusals[snapshots.CLASSES] = 404
    with pytest.raises(snapshots.FAILURES, match="404"):
        snapshots.install(api, tmp_path)


def test_copies_are_where_the_cluster_keeps_what_goes_with_it():
    assert snapshots.FOLDER.parent == volumes.FOLDER.parent
    assert snapshots.FOLDER.is_relative_to(config.INSIDE)
