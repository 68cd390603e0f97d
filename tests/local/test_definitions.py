import json

import pytest
from ruamel.yaml import YAML

from local import definitions, tools
from local.cluster.snapshot_objects import GROUP
from local.definitions import MONITORS, SNAPSHOTS
from local.errors import LocalError


@pytest.fixture
def downloaded(own_cache, programs, tmp_path):
    """A module as `go` leaves it."""
    module = tmp_path / "module"
    crd = module / "config" / "crd"
    crd.mkdir(parents=True)
    for name in (*SNAPSHOTS.files, "groupsnapshot.storage.k8s.io_volumegroupsnapshots.yaml"):
        (crd / name).write_text(name)
        (crd / name).chmod(0o444)
    programs.answer("go version", "go1.26")
    programs.answer(f"go mod download -json {SNAPSHOTS.module}", json.dumps({"Dir": str(module)}))
    return own_cache / "tools" / SNAPSHOTS.folder


@pytest.mark.parametrize("wanted", [SNAPSHOTS, MONITORS], ids=lambda one: one.name)
def test_the_definitions_are_pinned_with_their_checksums(wanted):
    sums = (tools.BUILD / wanted.name / "go.sum").read_text()
    assert f"{wanted.module} {wanted.version} h1:" in sums
    assert wanted.folder == f"{wanted.name}-{wanted.version}"


def test_only_the_definitions_that_are_wanted_are_taken(downloaded):
    assert definitions.ensure(SNAPSHOTS) == downloaded
    assert {path.name for path in downloaded.iterdir()} == set(SNAPSHOTS.files)
    assert all(path.stat().st_mode & 0o200 for path in downloaded.iterdir())
    assert [path.name for path in downloaded.parent.iterdir()] == [SNAPSHOTS.folder]


def test_they_are_fetched_once_a_machine(downloaded, programs):
    definitions.ensure(SNAPSHOTS)
    programs.forget()
    definitions.ensure(SNAPSHOTS)
    assert programs.calls() == []


def test_a_download_that_fails_leaves_nothing_and_is_told_in_gos_words(own_cache, programs):
    programs.answer("go version", "go1.26")
    programs.answer("go mod download", '{"Error": "unreachable"}', 1)
    with pytest.raises(LocalError, match=r"`go mod` in .*snapshots failed:"):
        definitions.ensure(SNAPSHOTS)
    assert not (own_cache / "tools" / SNAPSHOTS.folder).exists()


def test_the_module_defines_what_the_stand_in_serves():
    """Fetched for real."""
    found = [YAML(typ="safe").load(path) for path in definitions.ensure(SNAPSHOTS).iterdir()]
    assert {one["spec"]["group"] for one in found} == {GROUP}
    assert {one["spec"]["names"]["kind"] for one in found} == {
        "VolumeSnapshot",
        "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    }
    assert all("v1" in {v["name"] for v in one["spec"]["versions"] if v["storage"]} for one in found)
