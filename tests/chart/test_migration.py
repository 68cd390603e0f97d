"""A pod's data is backed up before anything is rolled, and migrated by the pod that owns it."""

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from release import gates_file
from release.migration import phases_file
from tests.chart.cases import LOCAL, MIGRATING
from tests.chart.fakes import api_server
from tests.chart.rendering import Chart, Manifest, RefusedError, argument, only

VOLUME = "alys-node-backups"


def migrating(phase: str, *, backup: str = "", replicas: int = 4, volume: str = VOLUME) -> dict[str, Any]:
    settings = {"phase": phase, "volume": volume, "backup": backup, "timeoutSeconds": 90}
    return {**LOCAL, "replicas": replicas, "migration": settings}


def jobs(manifests: Sequence[Manifest]) -> dict[str, Manifest]:
    """The backups by the pod whose data they are of."""
    found = [m for m in manifests if m["kind"] == "Job" and "alys.network/backup" in m["metadata"]["labels"]]
    return {m["metadata"]["name"].replace("-backup-", "-"): m for m in found}


def upgrade(chart: Chart, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Manifest]:
    """The backups of an upgrade in a cluster where the values of before run."""
    running = only(chart.render(before), "StatefulSet")
    with api_server([running]) as address:
        options = ["--is-upgrade", "--dry-run=server", "--kube-apiserver", address, "--kube-token", "t"]
        return jobs(chart.render(after, options=options))


def template(manifests: Sequence[Manifest]) -> dict[str, Any]:
    return only(manifests, "StatefulSet")["spec"]["template"]


def containers(job: Manifest) -> dict[str, dict[str, Any]]:
    spec = job["spec"]["template"]["spec"]
    return {one["name"]: one for one in [*spec.get("initContainers", []), *spec["containers"]]}


def test_without_a_phase_nothing_is_migrated_and_pods_are_as_ever(chart: Chart) -> None:
    plain, with_volume = (template(chart.render(values)) for values in (LOCAL, migrating("")))
    assert plain == with_volume
    assert "initContainers" not in plain["spec"]


def test_a_pod_migrates_its_own_data_before_it_starts(chart: Chart) -> None:
    """It has the volume to itself then; back as well, as the old revision's pods do after a failure."""
    pod = template(chart.render(migrating("sync-improvement")))
    (found,) = pod["spec"]["initContainers"]
    assert found["args"][:4] == ["migrate", "--to", "sync-improvement", "--back"]
    assert argument(found["args"], "--timeout") == ["90"]
    assert found["volumeMounts"] == [{"name": "data", "mountPath": "/var/lib/alys"}]
    assert found["image"] == pod["spec"]["containers"][0]["image"]


def test_the_phase_reaches_the_node_and_its_label(chart: Chart) -> None:
    pod = template(chart.render(migrating("sync-improvement")))
    assert {"name": "ALYS_PHASE", "value": "sync-improvement"} in pod["spec"]["containers"][0]["env"]
    assert pod["metadata"]["labels"]["alys.network/phase"] == "sync-improvement"


def test_another_phase_backs_up_every_pod_first(chart: Chart) -> None:
    found = upgrade(chart, migrating("actor-core"), migrating("sync-improvement"))
    assert list(found) == [f"alys-node-{ordinal}" for ordinal in range(4)]
    weights = [job["metadata"]["annotations"]["helm.sh/hook-weight"] for job in found.values()]
    assert weights == ["0", "1", "2", "3"]


def test_a_backup_of_its_own_is_named_after_the_phase_before_and_the_revision(chart: Chart) -> None:
    """So it never is an older one's name, however often a phase is tried."""
    found = upgrade(chart, migrating("actor-core"), migrating("sync-improvement"))
    words = containers(found["alys-node-2"])["backup"]["args"]
    assert argument(words, "--to") == ["/backups/actor-core-r1/alys-node-2"]
    first = upgrade(chart, LOCAL, migrating("foundation"))
    assert argument(containers(first["alys-node-0"])["backup"]["args"], "--to") == [
        "/backups/release-r1/alys-node-0"
    ]


@pytest.mark.parametrize("phase", ["", "foundation"])
def test_the_same_phase_backs_nothing_up(chart: Chart, phase: str) -> None:
    assert upgrade(chart, migrating(phase), {**migrating(phase), "rollout": {"percent": 50}}) == {}


@pytest.mark.parametrize(("before", "after"), [("sync-improvement", "actor-core"), ("foundation", "")])
def test_going_back_waits_for_no_backup(chart: Chart, before: str, after: str) -> None:
    """The way back must not depend on anything, such as room for one."""
    assert upgrade(chart, migrating(before), migrating(after)) == {}


def test_a_phase_that_is_none_is_refused_with_the_known_ones(chart: Chart) -> None:
    with pytest.raises(
        RefusedError, match=r"is sync, which is none of migration\.phases: foundation, actor-core,"
    ):
        chart.render(migrating("sync"))


def test_the_phases_are_those_of_the_repository(chart: Chart) -> None:
    values = yaml.safe_load((chart.folder / "values.yaml").read_text())
    folder = chart.folder.parent / "migration"
    gates = gates_file.read(folder / "gates.toml")
    assert tuple(values["migration"]["phases"]) == phases_file.read(folder / "phases.toml", gates).order


def test_without_a_volume_for_them_there_are_no_backups(chart: Chart) -> None:
    before, after = (migrating(phase, volume="") for phase in ("foundation", "actor-core"))
    assert upgrade(chart, before, after) == {}


def test_a_first_install_has_nothing_to_back_up(chart: Chart) -> None:
    assert jobs(chart.render(migrating("foundation"))) == {}


def test_a_pod_that_is_new_has_nothing_to_back_up(chart: Chart) -> None:
    found = upgrade(chart, migrating("foundation", replicas=2), migrating("actor-core", replicas=4))
    assert list(found) == ["alys-node-0", "alys-node-1"]


def test_a_backup_that_is_asked_for_is_made_in_any_case(chart: Chart) -> None:
    found = upgrade(chart, migrating("foundation"), migrating("foundation", backup="by-hand-1"))
    words = containers(found["alys-node-3"])["backup"]["args"]
    assert argument(words, "--to") == ["/backups/by-hand-1/alys-node-3"]


def test_a_backup_without_a_volume_is_refused(chart: Chart) -> None:
    with pytest.raises(
        RefusedError, match=r"neither migration\.volume nor migration\.snapshotClass says where"
    ):
        chart.render(migrating("", backup="b", volume=""))


def test_a_backup_tells_what_the_data_was_made_by(chart: Chart) -> None:
    """Not the version and phase that are about to come."""
    after = {**migrating("sync-improvement"), "image": {**LOCAL["image"], "version": "v2.0.0"}}
    found = upgrade(chart, migrating("actor-core"), after)
    assert containers(found["alys-node-1"])["backup"]["env"] == [
        {"name": "POD_NAME", "value": "alys-node-1"},
        {"name": "ALYS_VERSION", "value": "v1.0.0"},
        {"name": "ALYS_PHASE", "value": "actor-core"},
    ]


def test_a_backup_reads_the_data_of_a_pod_that_runs_and_writes_none_of_it(chart: Chart) -> None:
    for pod, job in jobs(chart.render(MIGRATING)).items():
        spec = job["spec"]["template"]["spec"]
        claims = {v["name"]: v["persistentVolumeClaim"]["claimName"] for v in spec["volumes"]}
        assert claims == {"data": f"data-{pod}", "backups": VOLUME}
        mounts = [m for one in containers(job).values() for m in one["volumeMounts"] if m["name"] == "data"]
        assert [mount["readOnly"] for mount in mounts] == [True]


def test_a_backup_runs_where_its_pod_does(chart: Chart) -> None:
    """One machine at a time may mount such a volume."""
    for pod, job in jobs(chart.render(MIGRATING)).items():
        affinity = job["spec"]["template"]["spec"]["affinity"]["podAffinity"]
        (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["topologyKey"] == "kubernetes.io/hostname"
        assert term["labelSelector"] == {"matchLabels": {"statefulset.kubernetes.io/pod-name": pod}}


def test_the_migration_is_rehearsed_on_the_backup_before_any_pod_ends(chart: Chart) -> None:
    for pod, job in jobs(chart.render(MIGRATING)).items():
        found = containers(job)
        assert list(found) == ["backup", "rehearse"]
        words = found["rehearse"]["args"]
        assert argument(words, "--from") == argument(found["backup"]["args"], "--to")
        assert argument(words, "--from") == [f"/backups/before-sync-1a2b/{pod}"]
        assert argument(words, "--to") == ["sync-improvement"]


def test_without_a_phase_a_backup_is_only_made(chart: Chart) -> None:
    (job, *_) = jobs(chart.render(migrating("", backup="b"))).values()
    assert list(containers(job)) == ["backup"]


def test_a_backup_is_tried_once_and_ends_by_itself(chart: Chart) -> None:
    for job in jobs(chart.render(MIGRATING)).values():
        assert job["spec"]["backoffLimit"] == 0
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
        limits = [argument(one["args"], "--timeout") for one in containers(job).values()]
        assert limits == [["600"], ["600"]]
        assert job["spec"]["activeDeadlineSeconds"] > 1200


def test_its_pod_is_none_of_the_nodes_and_reaches_nobody(chart: Chart) -> None:
    manifests = chart.render(MIGRATING)
    policy = only(manifests, "NetworkPolicy", "alys-node-backup")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in policy
    assert "egress" not in policy
    for job in jobs(manifests).values():
        labels = job["spec"]["template"]["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        assert "app.kubernetes.io/instance" not in labels
