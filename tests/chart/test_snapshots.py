"""Where volumes have snapshots, those are the backups; each is read whole before anything is rolled."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.chart.cases import LOCAL, SNAPSHOTS
from tests.chart.fakes import api_server
from tests.chart.rendering import Chart, Manifest, RefusedError, argument, only

CLASS, COPIES = "alys-chain", "alys-default"
TURNS = ("Job", "VolumeSnapshot", "Job")


def migrating(phase: str, **migration: Any) -> dict[str, Any]:
    settings = {"phase": phase, "snapshotClass": CLASS, "copyClass": COPIES, "timeoutSeconds": 90} | migration
    return {**LOCAL, "migration": settings}


def hooks(manifests: Sequence[Manifest]) -> list[Manifest]:
    """What runs before an upgrade, in Helm's order."""
    found = [
        m for m in manifests if m["metadata"].get("annotations", {}).get("helm.sh/hook") == "pre-upgrade"
    ]
    return sorted(found, key=lambda m: int(m["metadata"]["annotations"]["helm.sh/hook-weight"]))


def upgrade(chart: Chart, before: dict[str, Any], after: dict[str, Any], *there: Manifest) -> list[Manifest]:
    """The hooks of an upgrade in a cluster where the values of before run."""
    running = only(chart.render(before), "StatefulSet")
    with api_server([running, *there]) as address:
        options = ["--is-upgrade", "--dry-run=server", "--kube-apiserver", address, "--kube-token", "t"]
        return hooks(chart.render(after, options=options))


def of_kind(manifests: Sequence[Manifest], kind: str) -> list[Manifest]:
    return [m for m in manifests if m["kind"] == kind]


def copy_in(job: Manifest) -> dict[str, Any]:
    """What the volume is that a backup is read in."""
    (volume,) = pod(job)["volumes"]
    return volume["ephemeral"]["volumeClaimTemplate"]["spec"]


def pod(job: Manifest) -> dict[str, Any]:
    return job["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def entered(chart: Chart) -> list[Manifest]:
    return upgrade(chart, migrating("actor-core"), migrating("sync-improvement"))


def test_all_manifests_come_before_all_snapshots_and_those_before_they_are_read(
    entered: list[Manifest],
) -> None:
    assert [m["kind"] for m in entered] == [kind for kind in TURNS for _ in range(LOCAL.get("replicas", 4))]


def test_the_node_writes_the_manifest_beside_its_chain_and_knows_what_made_the_data(
    entered: list[Manifest],
) -> None:
    spec = pod(of_kind(entered, "Job")[1])
    (container,) = spec["containers"]
    assert container["args"] == ["backup", "--in-place", "--timeout", "90"]
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/var/lib/alys"}]
    assert spec["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-alys-node-1"}}]
    assert {"name": "ALYS_PHASE", "value": "actor-core"} in container["env"]
    assert "affinity" in spec


def test_a_snapshot_is_of_a_pods_own_volume_and_says_which_backup_it_is_of(entered: list[Manifest]) -> None:
    found = of_kind(entered, "VolumeSnapshot")[1]
    assert found["metadata"]["name"] == "alys-node-1-actor-core-r1"
    assert found["spec"] == {
        "volumeSnapshotClassName": CLASS,
        "source": {"persistentVolumeClaimName": "data-alys-node-1"},
    }
    labels = found["metadata"]["labels"]
    assert (labels["alys.network/backup"], labels["alys.network/pod"]) == ("actor-core-r1", "alys-node-1")


def test_a_volume_is_made_of_it_and_the_migration_rehearsed_there(entered: list[Manifest]) -> None:
    check = of_kind(entered, "Job")[5]
    assert copy_in(check)["dataSource"] == {
        "apiGroup": "snapshot.storage.k8s.io",
        "kind": "VolumeSnapshot",
        "name": "alys-node-1-actor-core-r1",
    }
    assert copy_in(check)["storageClassName"] == COPIES
    (container,) = pod(check)["containers"]
    assert container["args"][:2] == ["rehearse", "--in-place"]
    assert argument(container["args"], "--from") == ["/var/lib/alys"]
    assert argument(container["args"], "--to") == ["sync-improvement"]


def test_the_copy_is_free_to_run_on_any_machine(entered: list[Manifest]) -> None:
    assert "affinity" not in pod(of_kind(entered, "Job")[5])


def test_a_volume_that_has_grown_has_a_copy_of_its_size(chart: Chart) -> None:
    grown = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-alys-node-0"},
        "spec": {"resources": {"requests": {"storage": "7Gi"}}},
    }
    found = upgrade(chart, migrating("actor-core"), migrating("sync-improvement"), grown)
    sizes = [copy_in(job)["resources"]["requests"]["storage"] for job in of_kind(found, "Job")[4:]]
    assert sizes == ["7Gi", "100Mi", "100Mi", "100Mi"]


def test_a_snapshot_that_is_there_stays_and_is_read_again(chart: Chart) -> None:
    there = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": "alys-node-2-by-hand"},
    }
    values = migrating("foundation", backup="by-hand")
    found = upgrade(chart, migrating("foundation"), values, there)
    names = [m["metadata"]["name"] for m in of_kind(found, "VolumeSnapshot")]
    assert names == ["alys-node-0-by-hand", "alys-node-1-by-hand", "alys-node-3-by-hand"]
    jobs = [m["metadata"]["name"] for m in of_kind(found, "Job")]
    assert "alys-node-backup-2" not in jobs
    assert "alys-node-backup-2-check" in jobs


def test_without_a_phase_a_snapshot_is_read_and_nothing_rehearsed(chart: Chart) -> None:
    found = hooks(chart.render(migrating("", backup="b")))
    (container,) = pod(of_kind(found, "Job")[-1])["containers"]
    assert container["args"] == ["validate", "--archive", "/var/lib/alys", "--timeout", "90"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("sync-improvement", "actor-core"), ("foundation", ""), ("foundation", "foundation")],
)
def test_going_back_or_nowhere_makes_none(chart: Chart, before: str, after: str) -> None:
    assert upgrade(chart, migrating(before), migrating(after)) == []


def test_a_first_install_has_nothing_to_back_up(chart: Chart) -> None:
    assert hooks(chart.render(migrating("foundation"))) == []


def test_backups_are_kept_in_one_place(chart: Chart) -> None:
    with pytest.raises(RefusedError, match=r"migration\.volume and migration\.snapshotClass are both set"):
        chart.render(migrating("foundation", volume="alys-node-backups"))


def test_its_pods_reach_nobody(chart: Chart) -> None:
    manifests = chart.render(SNAPSHOTS)
    policy = only(manifests, "NetworkPolicy", "alys-node-backup")["spec"]
    for job in of_kind(hooks(manifests), "Job"):
        labels = job["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        assert "app.kubernetes.io/instance" not in labels


def test_each_is_tried_once_and_ends_by_itself(chart: Chart) -> None:
    for job in of_kind(hooks(chart.render(SNAPSHOTS)), "Job"):
        assert (job["spec"]["backoffLimit"], pod(job)["restartPolicy"]) == (0, "Never")
        assert job["spec"]["activeDeadlineSeconds"] > 600
