"""The driver's own Jobs on data, compared with what the chart makes of the same values."""

import kubernetes_validate
import pytest

from release.migration.data_job import Mount, claimed, data_job
from tests.chart.cases import MIGRATING
from tests.chart.conftest import chart, helm  # noqa: F401  fixtures
from tests.chart.rendering import only
from tests.chart.restricted import violations

POD = "alys-node-1"
VOLUME = Mount(source=claimed("alys-node-backups"), path="/backups", writes=True)


@pytest.fixture(scope="module")
def manifests(chart):  # noqa: F811
    return chart.render(MIGRATING)


@pytest.fixture(scope="module")
def made(manifests):
    def _made(*words, **keys):
        given = {"name": "try", "mounts": [VOLUME], "limit_seconds": 90} | keys
        return data_job(only(manifests, "StatefulSet"), POD, words, **given)

    return _made


def pod(job):
    return job["spec"]["template"]["spec"]


def test_kubernetes_takes_it_and_its_pod_is_restricted(made):
    job = made("backup", "--to", "/backups/a/alys-node-1")
    kubernetes_validate.validate(job, "1.36", strict=True)
    assert violations(pod(job)) == []


def test_it_is_made_like_the_charts_own_backups(made, manifests):
    own = only(manifests, "Job", "alys-node-backup-1")
    job = made("backup", "--to", "/backups/a/alys-node-1")
    assert pod(job).keys() - {"terminationGracePeriodSeconds"} == pod(own).keys() - {"initContainers"}
    for key in pod(job).keys() - {"containers", "terminationGracePeriodSeconds"}:
        assert pod(job)[key] == pod(own)[key], key
    assert job["spec"]["template"]["metadata"] == own["spec"]["template"]["metadata"]
    (theirs,), (ours,) = pod(own)["initContainers"], pod(job)["containers"]
    for key in ("image", "imagePullPolicy", "resources", "securityContext", "volumeMounts"):
        assert ours[key] == theirs[key], key


def test_it_runs_the_nodes_command_with_a_limit_inside_its_own(made):
    job = made("validate", "--phase", "sync-improvement")
    (container,) = pod(job)["containers"]
    assert container["args"] == ["validate", "--phase", "sync-improvement", "--timeout", "90"]
    assert job["spec"]["activeDeadlineSeconds"] > 90
    assert job["spec"]["backoffLimit"] == 0


def test_it_knows_the_pod_and_the_phase_that_run(made):
    (container,) = pod(made("backup", "--to", "/backups/a"))["containers"]
    assert container["env"] == [
        {"name": "POD_NAME", "value": POD},
        {"name": "ALYS_PHASE", "value": "sync-improvement"},
    ]


@pytest.mark.parametrize("writes", [True, False])
def test_it_writes_data_only_where_that_is_meant(made, writes):
    (container,) = pod(made("restore", "--from", "/backups/a", writes=writes))["containers"]
    (data,) = [mount for mount in container["volumeMounts"] if mount["name"] == "data"]
    assert data.get("readOnly", False) is not writes


def test_without_a_volume_for_backups_it_has_none(made):
    assert [volume["name"] for volume in pod(made("validate", mounts=()))["volumes"]] == ["data"]


def test_another_volume_may_take_the_place_of_the_pods_own(made):
    """Then it has nothing of the pod's, and may write."""
    volumes = pod(made("restore", claim="rehearsal-alys-node-1", writes=True))["volumes"]
    claims = [one["persistentVolumeClaim"]["claimName"] for one in volumes]
    assert claims == ["rehearsal-alys-node-1", "alys-node-backups"]
