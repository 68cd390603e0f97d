import os
from pathlib import Path

import pytest

from local.cluster import cgroups


@pytest.fixture
def v1(tmp_path) -> Path:
    for controller in ("cpu", "memory", "systemd", "unified"):
        (tmp_path / controller).mkdir()
        (tmp_path / controller / "cgroup.procs").touch()
    (tmp_path / "not-a-hierarchy").mkdir()
    return tmp_path


@pytest.fixture
def v2(tmp_path) -> Path:
    (tmp_path / "cgroup.procs").touch()
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory hugetlb pids rdma misc\n")
    (tmp_path / "cgroup.subtree_control").touch()
    return tmp_path


def test_with_version_1_each_controller_gets_the_group(v1):
    cgroups.make("alys-1", v1)
    assert sorted(path.parent.name for path in v1.glob("*/alys-1")) == ["cpu", "memory", "systemd", "unified"]


def test_with_version_2_there_is_one_group_that_is_handed_what_kubelet_asks_for(v2):
    cgroups.make("alys-1", v2)
    assert (v2 / "alys-1").is_dir()
    # A real file of the kernel's adds up; this one keeps the last word.
    assert (v2 / "cgroup.subtree_control").read_text() == "+pids"


def test_a_controller_that_kubelet_does_not_ask_for_is_not_touched():
    assert "rdma" not in cgroups.CONTROLLERS


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nothing_is_left_of_the_group(version, request):
    root = request.getfixturevalue(version)
    cgroups.make("alys-1", root)
    for hierarchy in cgroups.hierarchies(root):
        (hierarchy / "alys-1" / "kubepods" / "pod1").mkdir(parents=True)
    cgroups.remove("alys-1", root)
    assert cgroups.left("alys-1", root) == []


def test_a_group_in_use_is_said_to_be_left(v1):
    cgroups.make("alys-1", v1)
    (v1 / "cpu" / "alys-1" / "busy").touch()
    cgroups.remove("alys-1", v1)
    assert cgroups.left("alys-1", v1) == [v1 / "cpu" / "alys-1"]


def test_only_the_service_managers_hierarchies_are_joined(v1):
    """A machine that counts a session's memory goes on doing so."""
    cgroups.join("alys-1", v1)
    joined = [path for path in v1.glob("*/alys-1/parts/cgroup.procs") if path.read_text() == str(os.getpid())]
    assert sorted(path.parts[-4] for path in joined) == ["systemd", "unified"]


def test_two_caches_have_groups_of_their_own(tmp_path):
    assert cgroups.name(tmp_path / "one") != cgroups.name(tmp_path / "two")
