import copy
from typing import Any

import pytest

from tests.chart.cases import CASES, DIGEST, LOCAL, MINIMAL, PRODUCTION
from tests.chart.rendering import Chart, Manifest, RefusedError, only, pod_templates


def spec(manifests: list[Manifest]) -> dict[str, Any]:
    return only(manifests, "StatefulSet")["spec"]


def pod(manifests: list[Manifest]) -> dict[str, Any]:
    return spec(manifests)["template"]["spec"]


def container(manifests: list[Manifest]) -> dict[str, Any]:
    (found,) = pod(manifests)["containers"]
    return found


def test_the_image_is_pinned_by_version_and_digest(chart: Chart) -> None:
    images = {t["spec"]["containers"][0]["image"] for t in pod_templates(chart.render(LOCAL)).values()}
    assert images == {f"localhost:5055/alys/node:v1.0.0@{DIGEST}"}


def test_a_registry_on_localhost_may_go_without_a_digest(chart: Chart) -> None:
    """And is then asked again each time, as the tag may have moved."""
    found = container(chart.render(MINIMAL))
    assert found["image"] == "localhost:5055/alys/node:v1.0.0"
    assert found["imagePullPolicy"] == "Always"
    assert container(chart.render(LOCAL))["imagePullPolicy"] == "IfNotPresent"


@pytest.mark.parametrize("repository", ["ghcr.io/a/node", "localhost.example.com/a/node", "localhosts:5/a"])
def test_any_other_registry_needs_one(chart: Chart, repository: str) -> None:
    values = {"image": {"repository": repository, "version": "v1.0.0"}}
    with pytest.raises(RefusedError, match=f"image.digest is empty.*crane digest {repository}:v1.0.0"):
        chart.render(values)


@pytest.mark.parametrize("case", CASES)
def test_nothing_runs_latest(chart: Chart, case: str) -> None:
    assert "latest" not in str(chart.render(CASES[case]))


@pytest.mark.parametrize(
    ("version", "label"),
    [("v1.0.0", "v1.0.0"), ("1.10", "1.10"), ("_x_", "x"), ("a" * 62 + "-b", "a" * 62), ("0123", "0123")],
)
def test_any_tag_becomes_a_label(chart: Chart, version: str, label: str) -> None:
    values = {"image": {**LOCAL["image"], "version": version}}
    assert spec(chart.render(values))["template"]["metadata"]["labels"]["alys.network/version"] == label


def test_pods_replace_each_other_without_waiting_for_broken_ones(chart: Chart) -> None:
    assert spec(chart.render(LOCAL))["podManagementPolicy"] == "Parallel"


def test_data_outlives_pods_and_releases(chart: Chart) -> None:
    manifests = chart.render(PRODUCTION)
    found = spec(manifests)
    assert found["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    (claim,) = found["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "gp3"
    assert claim["spec"]["resources"]["requests"]["storage"] == "500Gi"
    assert {"name": "data", "mountPath": "/var/lib/alys"} in container(manifests)["volumeMounts"]


def test_no_class_name_is_the_clusters_default(chart: Chart) -> None:
    (claim,) = spec(chart.render(LOCAL))["volumeClaimTemplates"]
    assert "storageClassName" not in claim["spec"]


def test_what_may_not_change_does_not_hang_on_the_version(chart: Chart) -> None:
    """Kubernetes refuses an update of these fields."""
    image = {**LOCAL["image"], "version": "v2"}
    later = {**LOCAL, "image": image, "chartDigest": "1", "secrets": {"name": "s"}}
    one, two = (spec(chart.render(values)) for values in (LOCAL, later))
    for field in ("selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"):
        assert one[field] == two[field]


def test_secrets_are_mounted_by_reference(chart: Chart) -> None:
    manifests = chart.render(LOCAL)
    assert "Secret" not in {m["kind"] for m in manifests}
    (volume,) = [v for v in pod(manifests)["volumes"] if v["name"] == "secrets"]
    assert volume["secret"] == {"secretName": "alys-node-secrets", "defaultMode": 0o440}
    mount = {"name": "secrets", "mountPath": "/etc/alys/secrets", "readOnly": True}
    assert mount in container(manifests)["volumeMounts"]


def test_no_secrets_mount_nothing(chart: Chart) -> None:
    assert [v["name"] for v in pod(chart.render(MINIMAL))["volumes"]] == ["flags"]


def test_the_environment_holds_no_setting_and_no_secret(chart: Chart) -> None:
    """They are files; what is here is the pod's name and how it ends."""
    found = container(chart.render(LOCAL))["env"]
    assert found[0] == {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    assert [one["name"] for one in found] == ["POD_NAME", "ALYS_DRAIN_SECONDS"]


def test_changed_secrets_roll_the_pods(chart: Chart) -> None:
    changed = {**LOCAL, "secrets": {**LOCAL["secrets"], "digest": "ffffffffffff"}}
    one, two = (spec(chart.render(values))["template"] for values in (LOCAL, changed))
    assert one != two


def test_an_edited_template_shows_without_rolling_the_pods(chart: Chart) -> None:
    edited = {**LOCAL, "chartDigest": "ffffffffffff"}
    one, two = (copy.deepcopy(only(chart.render(values), "StatefulSet")) for values in (LOCAL, edited))
    assert one["spec"] == two["spec"]
    assert one["metadata"]["annotations"] != two["metadata"]["annotations"]


def test_a_pod_drains_before_it_is_told_to_end(chart: Chart) -> None:
    manifests = chart.render(LOCAL)
    assert container(manifests)["lifecycle"] == {"preStop": {"sleep": {"seconds": 2}}}
    assert pod(manifests)["terminationGracePeriodSeconds"] == 32


def test_a_set_grace_period_is_taken_as_it_is(chart: Chart) -> None:
    assert pod(chart.render(PRODUCTION))["terminationGracePeriodSeconds"] == 300


def test_a_grace_period_within_the_draining_is_refused(chart: Chart) -> None:
    values = {**LOCAL, "timing": {"drainSeconds": 20, "terminationGracePeriodSeconds": 20}}
    with pytest.raises(RefusedError, match=r"must be above timing\.drainSeconds \(20\).*Set it to 0"):
        chart.render(values)


def test_each_probe_asks_its_own_question(chart: Chart) -> None:
    found = container(chart.render(LOCAL))
    assert {p: found[f"{p}Probe"]["httpGet"]["path"] for p in ("startup", "readiness", "liveness")} == {
        "startup": "/health",
        "readiness": "/ready",
        "liveness": "/health",
    }
    assert found["startupProbe"]["failureThreshold"] * found["startupProbe"]["periodSeconds"] == 30


def test_pods_spread_where_there_is_room(chart: Chart) -> None:
    found = pod(chart.render(LOCAL))["topologySpreadConstraints"]
    assert {c["topologyKey"] for c in found} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    assert {c["whenUnsatisfiable"] for c in found} == {"ScheduleAnyway"}


def test_a_plain_prometheus_finds_the_pods(chart: Chart) -> None:
    annotations = spec(chart.render(LOCAL))["template"]["metadata"]["annotations"]
    found = {key: value for key, value in annotations.items() if key.startswith("prometheus.io/")}
    assert found == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/metrics",
    }


def test_pods_run_where_and_with_what_was_asked(chart: Chart) -> None:
    for name, template in pod_templates(chart.render(PRODUCTION)).items():
        found = template["spec"]
        for field in ("nodeSelector", "tolerations", "imagePullSecrets"):
            assert found[field] == PRODUCTION[field], name
    assert container(chart.render(PRODUCTION))["resources"] == PRODUCTION["resources"]


def test_an_ending_pod_asks_its_clients_to_leave_before_it_closes_their_connections(chart: Chart) -> None:
    found = {one["name"]: one.get("value") for one in container(chart.render(LOCAL))["env"]}
    assert int(found["ALYS_DRAIN_SECONDS"] or 0) >= 1
