"""Folders on a volume as backups: what the node's commands do there, and who may write."""

from types import SimpleNamespace

import pytest

from release.errors import ContactLostError
from release.migration.data_job import Mount, claimed
from release.migration.data_jobs import Ended
from release.migration.volume_store import VolumeStore

PODS = ("alys-node-0", "alys-node-1")
READ, WRITE = (
    Mount(source=claimed("alys-node-backups"), path="/backups", writes=writes) for writes in (False, True)
)


class Jobs:
    """Jobs that all end in one way."""

    def __init__(self, *, passed=True, said="[]"):
        self.passed, self.said, self.ran = passed, said, []

    def work(self, words, backups):
        self.ran += [(pod, command, backups[pod]) for pod, command in words.items()]
        return {pod: Ended(pod=pod, passed=self.passed, said=self.said) for pod in words}


def store(jobs):
    there = tuple(SimpleNamespace(name=pod) for pod in PODS)
    return VolumeStore(cluster=SimpleNamespace(namespace="alys-local", pods=lambda: there), jobs=jobs)


def test_they_are_listed_from_beside_one_pod_which_can_only_read():
    jobs = Jobs()
    assert store(jobs).found() == ()
    assert jobs.ran == [(PODS[0], ["backups", "--in", "/backups"], [READ])]


def test_a_volume_that_cannot_be_read_is_named_with_what_to_do():
    with pytest.raises(ContactLostError, match="can't be listed: alys-node-0: no such device") as caught:
        store(Jobs(passed=False, said="alys-node: no such device")).found()
    assert "kubectl describe pvc alys-node-backups" in caught.value.remedy


def test_each_pod_is_copied_into_a_folder_of_its_own():
    jobs = Jobs()
    assert store(jobs).make("by-hand", PODS) == ""
    assert jobs.ran == [(pod, ["backup", "--to", f"/backups/by-hand/{pod}"], [WRITE]) for pod in PODS]


def test_a_copy_that_fails_says_why():
    assert store(Jobs(passed=False, said="alys-node: no room")).make("b", PODS) == "alys-node-0: no room"


def test_a_job_that_reads_a_backup_cannot_change_it():
    with store(Jobs()).mounted("b", PODS) as mounts:
        assert mounts == {pod: [READ] for pod in PODS}


def test_what_is_forgotten_is_deleted_by_one_pod():
    jobs = Jobs()
    assert store(jobs).forget(["a", "b"]) == ""
    assert jobs.ran == [(PODS[0], ["forget", "--in", "/backups", "a", "b"], [WRITE])]
