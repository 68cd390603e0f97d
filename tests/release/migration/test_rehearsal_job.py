"""A rehearsal has the backups to read and a scratch folder to write, and nothing of any pod's data."""

import kubernetes_validate
import pytest

from release.migration.backups import Manifest, Part
from release.migration.data_job import Mount, claimed
from release.migration.phases_file import WayBack
from release.migration.rehearsal_job import rehearsal_job
from tests.chart.cases import MIGRATING
from tests.chart.conftest import chart, helm  # noqa: F401  fixtures
from tests.chart.rendering import only
from tests.chart.restricted import violations

POD, SOURCE = "alys-node-1", "/backups/b/alys-node-1"
PART = Part(
    name="b",
    folder=POD,
    manifest=Manifest(
        version="v2.0.0",
        phase="actor-core",
        pod=POD,
        format=1,
        height=7,
        state_root="a" * 64,
        sha256="b" * 64,
        size=1,
        made=0,
    ),
)


@pytest.fixture(scope="module")
def made(chart):  # noqa: F811
    statefulset = only(chart.render(MIGRATING), "StatefulSet")

    def _made(way_back):
        return rehearsal_job(
            statefulset,
            POD,
            SOURCE,
            PART,
            name="try",
            mounts=[Mount(source=claimed("alys-node-backups"), path="/backups")],
            limit_seconds=60,
            phases=("actor-core", "sync-improvement"),
            way_back=way_back,
        )

    return _made


def spec(job):
    return job["spec"]["template"]["spec"]


def words(job):
    return [one["args"][:-2] for one in [*spec(job)["initContainers"], *spec(job)["containers"]]]


def test_kubernetes_takes_it_and_its_pod_is_restricted(made):
    job = made(WayBack.VERSION)
    kubernetes_validate.validate(job, "1.36", strict=True)
    assert violations(spec(job)) == []


def test_it_has_no_pods_data_and_can_only_read_the_backups(made):
    job = made(WayBack.VERSION)
    claim = {"claimName": "alys-node-backups"}
    assert spec(job)["volumes"] == [
        {"name": "data", "emptyDir": {}},
        {"name": "backups", "persistentVolumeClaim": claim},
    ]
    for one in [*spec(job)["initContainers"], *spec(job)["containers"]]:
        assert {"name": "backups", "mountPath": "/backups", "readOnly": True} in one["volumeMounts"]


def test_it_goes_there_and_back_and_validates_each_time(made):
    has = ["--has", f"7:{'a' * 64}"]
    assert words(made(WayBack.VERSION)) == [
        ["restore", "--from", SOURCE],
        ["validate", *has],
        ["migrate", "--to", "sync-improvement", "--back"],
        ["validate", "--phase", "sync-improvement", *has],
        ["migrate", "--to", "actor-core", "--back"],
        ["validate", "--phase", "actor-core", *has],
    ]


def test_where_only_a_backup_leads_back_that_is_what_it_tries(made):
    assert words(made(WayBack.RESTORE))[4] == ["restore", "--from", SOURCE]


def test_its_limit_is_that_of_all_its_commands(made):
    assert made(WayBack.VERSION)["spec"]["activeDeadlineSeconds"] >= 6 * 60
