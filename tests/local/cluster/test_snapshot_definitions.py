import json

import pytest
from ruamel.yaml import YAML

from local import tools
from local.cluster import snapshot_definitions
from local.cluster.snapshot_objects import GROUP
from local.errors import LocalError

MODULE = snapshot_definitions.MODULE


@pytest.fixture
def downloaded(own_cache, programs, tmp_path):
    """A module as `go` leaves it."""
    module = tmp_path / "module"
    crd = module / "config" / "crd"
    crd.mkdir(parents=True)
    for name in (*snapshot_definitions.FILES, "groupsnapshot.storage.k8s.io_volumegroupsnapshots.yaml"):
        (crd / name).write_text(name)
        (crd / name).chmod(0o444)
    programs.answer("go version", "go1.26")
    programs.answer(f"go mod download -json {MODULE.module}", json.dumps({"Dir": str(module)}))
    return own_cache / "tools" / MODULE.folder


def test_the_definitions_are_pinned_with_their_checksums():
    sums = (tools.BUILD / MODULE.name / "go.sum").read_text()
    assert f"{MODULE.module} {MODULE.version} h1:" in sums
    assert MODULE.folder == f"snapshots-{MODULE.version}"


def test_only_the_definitions_of_snapshots_are_taken(downloaded):
    assert snapshot_definitions.ensure() == downloaded
    assert {path.name for path in downloaded.iterdir()} == set(snapshot_definitions.FILES)
    assert all(path.stat().st_mode & 0o200 for path in downloaded.iterdir())
    assert [path.name for path in downloaded.parent.iterdir()] == [MODULE.folder]


def test_they_are_fetched_once_a_machine(downloaded, programs):
    snapshot_definitions.ensure()
    programs.forget()
    snapshot_definitions.ensure()
    assert programs.calls() == []


def test_a_download_that_fails_leaves_nothing_and_is_told_in_gos_words(own_cache, programs):
    programs.answer("go version", "go1.26")
    programs.answer("go mod download", '{"Error": "unreachable"}', 1)
    with pytest.raises(LocalError, match=r"`go mod` in .*snapshots failed:"):
        snapshot_definitions.ensure()
    assert not (own_cache / "tools" / MODULE.folder).exists()


def test_the_module_defines_what_the_stand_in_serves():
    """Fetched for real."""
    found = [YAML(typ="safe").load(path) for path in snapshot_definitions.ensure().iterdir()]
    assert {one["spec"]["group"] for one in found} == {GROUP}
    assert {one["spec"]["names"]["kind"] for one in found} == {
        "VolumeSnapshot",
        "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    }
    assert all("v1" in {v["name"] for v in one["spec"]["versions"] if v["storage"]} for one in found)
