"""The driver's Jobs: what they came to, and that none of them stays."""

from dataclasses import dataclass, field

import pytest

from release.errors import ContactLostError, NoWayBackError, RefusedError
from release.migration import data_jobs
from release.migration.data_job import Mount, claimed
from release.migration.data_jobs import LABEL, DataJobs, RestoreFailedError
from release.preflight import Preflight
from release.survey import Survey
from tests.chart.cases import MIGRATING
from tests.chart.conftest import chart, helm  # noqa: F401  fixtures
from tests.chart.rendering import only
from tests.release.histories import told

DONE = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}
FAILED = {"failed": 1, "conditions": [{"type": "Failed", "status": "True", "message": "it took too long"}]}
READY = {"ready": 1}
BACKUPS = {"alys-node-0": [Mount(source=claimed("alys-node-backups"), path="/backups")]}


@dataclass
class Jobs:
    """The Jobs of a namespace, which are at once what they are told to become."""

    statefulset_as: dict | None
    status: dict = field(default_factory=lambda: DONE)
    said: str = ""
    made: dict = field(default_factory=dict)
    ever: list = field(default_factory=list)
    namespace: str = "alys-local"

    def statefulset(self):
        return self.statefulset_as

    def create_job(self, job):
        self.made[job["metadata"]["name"]] = job
        self.ever.append(job)

    def job(self, name):
        return {**self.made[name], "status": self.status} if name in self.made else None

    def jobs(self, label):
        return tuple(name for name, job in self.made.items() if label in job["metadata"]["labels"])

    def job_log(self, name):
        return self.said

    def delete_job(self, name):
        self.made.pop(name, None)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(data_jobs, "SECONDS_TO_START", 0.2)
    monkeypatch.setattr(data_jobs, "LOOK_SECONDS", 0.01)


@pytest.fixture
def cluster(chart):  # noqa: F811
    return Jobs(only(chart.render(MIGRATING), "StatefulSet"))


def jobs(cluster, run="run-1"):
    return DataJobs(cluster=cluster, run=run, limit_seconds=60)


def args(job):
    return job["spec"]["template"]["spec"]["containers"][0]["args"]


def volumes(job):
    return [one["name"] for one in job["spec"]["template"]["spec"]["volumes"]]


def test_a_look_needs_no_backups_and_leaves_no_job(cluster):
    ended = jobs(cluster).look({"alys-node-0": ["validate"], "alys-node-1": ["validate"]})
    assert [one.passed for one in ended.values()] == [True, True]
    assert [volumes(job) for job in cluster.ever] == [["data"], ["data"]]
    assert cluster.made == {}


def test_work_has_the_backups(cluster):
    jobs(cluster).work({"alys-node-0": ["backups", "--in", "/backups"]}, BACKUPS)
    assert volumes(cluster.ever[0]) == ["data", "backups"]


def test_what_writes_into_the_data_can_and_has_no_backups(cluster):
    jobs(cluster).write({"alys-node-0": ["backup", "--in-place"]})
    (container,) = cluster.ever[0]["spec"]["template"]["spec"]["containers"]
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/var/lib/alys"}]


def test_what_failed_says_why_in_the_nodes_own_words(cluster):
    cluster.status, cluster.said = FAILED, "alys-node: there is no room for it\n"
    ended = jobs(cluster).work({"alys-node-0": ["backup", "--to", "/backups/a/b"]}, BACKUPS)["alys-node-0"]
    assert (ended.passed, ended.reason) == (False, "alys-node-0: there is no room for it")


def test_what_never_began_says_what_kubernetes_says(cluster):
    cluster.status = FAILED
    assert (
        jobs(cluster).look({"alys-node-0": ["validate"]})["alys-node-0"].reason.endswith("it took too long")
    )


def test_a_restore_stands_ready_until_the_pod_lets_go(cluster):
    cluster.status = READY
    with jobs(cluster).restores({"alys-node-0": "/backups/a/alys-node-0"}, BACKUPS, wait_seconds=90):
        assert args(*cluster.made.values())[:5] == [
            "restore",
            "--from",
            "/backups/a/alys-node-0",
            "--wait",
            "90",
        ]
        cluster.status = DONE
    assert cluster.made == {}


def test_a_restore_that_cannot_stand_ready_closes_the_way_back(cluster):
    cluster.status, cluster.said = FAILED, "alys-node: /backups/a/alys-node-0 is broken"
    with (
        pytest.raises(NoWayBackError, match="is broken"),
        jobs(cluster).restores({"alys-node-0": "/backups/a/alys-node-0"}, BACKUPS, wait_seconds=90),
    ):
        pytest.fail("it went on")
    assert cluster.made == {}


def test_a_restore_that_never_got_the_data_is_told_and_taken_away(cluster):
    cluster.status = READY
    with (
        pytest.raises(RestoreFailedError, match="A backup was not restored"),
        jobs(cluster).restores({"alys-node-0": "/backups/a/alys-node-0"}, BACKUPS, wait_seconds=90),
    ):
        pass
    assert cluster.made == {}


def test_one_job_that_cannot_be_taken_away_leaves_no_other_standing(cluster):
    """It would restore unasked, as soon as its pod ends."""
    names = {"alys-node-0": "/a", "alys-node-1": "/b"}
    backups = dict.fromkeys(names, BACKUPS["alys-node-0"])
    cluster.status = READY
    delete = cluster.delete_job

    def first_lost(name):
        if name.startswith("alys-node-0"):
            raise ContactLostError(what="out of sight", where="c", remedy="r")
        delete(name)

    cluster.delete_job = first_lost
    with pytest.raises(ContactLostError), jobs(cluster).restores(names, backups, wait_seconds=1):
        raise RestoreFailedError(what="w", where="w", remedy="r")
    assert [name[:11] for name in cluster.made] == ["alys-node-0"]


def test_without_pods_there_is_nothing_to_work_on():
    with pytest.raises(RefusedError, match="There are no pods"):
        jobs(Jobs(None)).look({"alys-node-0": ["validate"]})


def test_what_a_killed_run_left_standing_is_taken_away_before_anything_else(cluster):
    """It would restore a pod that the next run rolls."""
    cluster.made["left"] = {"metadata": {"name": "left", "labels": {LABEL: "run-0"}}}
    cluster.made["the-charts"] = {"metadata": {"name": "the-charts", "labels": {}}}
    said = []

    class Screen:
        def say(self, text, _=""):
            said.append(text)

    survey = Survey(ledger=told(), state=None, locks={}, cluster=cluster, helm=(), uid=None)
    object.__setattr__(survey, "state", type("State", (), {"pending": ()}))
    assert Preflight(stack=None, survey=survey, screen=Screen()).mend()
    assert list(cluster.made) == ["the-charts"]
    assert said == ["took away 1 Jobs on the pods' data"]
