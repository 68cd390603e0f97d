"""What holds for every manifest, whatever the values."""

import copy

import kubernetes_validate
import pytest

from local.definitions import MONITORS, SNAPSHOTS, Definitions
from tests import schemas
from tests.chart.cases import CASES, LOCAL, MONITORING
from tests.chart.rendering import KUBERNETES, NAMESPACE, RELEASE, Chart, Manifest, pod_templates
from tests.chart.restricted import violations

SCHEMAS = KUBERNETES.rpartition(".")[0]


@pytest.fixture(scope="module", params=CASES)
def manifests(request: pytest.FixtureRequest, chart: Chart) -> list[Manifest]:
    return chart.render(CASES[request.param])


def test_kubernetes_takes_them(manifests: list[Manifest]) -> None:
    """Strictly: no unknown field either."""
    for manifest in manifests:
        if manifest["kind"] != "VolumeSnapshot":
            kubernetes_validate.validate(manifest, SCHEMAS, strict=True)


@pytest.mark.parametrize(
    ("case", "kind", "definitions"),
    [
        ("snapshots", "VolumeSnapshot", SNAPSHOTS),
        ("production", "ServiceMonitor", MONITORS),
        ("production", "PrometheusRule", MONITORS),
    ],
)
def test_a_controller_takes_its_own(chart: Chart, case: str, kind: str, definitions: Definitions) -> None:
    found = [m for m in chart.render(CASES[case], api_versions=MONITORING) if m["kind"] == kind]
    assert found
    for manifest in found:
        schemas.validate(manifest, definitions)
    broken = copy.deepcopy(found[0])
    broken["spec"]["colour"] = "red"
    with pytest.raises(schemas.ValidationError, match="colour"):
        schemas.validate(broken, definitions)


def test_an_unknown_field_would_be_found(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        if manifest["kind"] == "VolumeSnapshot":
            continue
        broken = copy.deepcopy(manifest)
        broken["metadata"]["colour"] = "red"
        with pytest.raises(kubernetes_validate.ValidationError, match="colour"):
            kubernetes_validate.validate(broken, SCHEMAS, strict=True)


def test_every_pod_is_restricted(manifests: list[Manifest]) -> None:
    found = {name: violations(template["spec"]) for name, template in pod_templates(manifests).items()}
    assert {"StatefulSet/alys-node", "Pod/alys-node-smoke-test"} <= found.keys()
    assert not any(found.values()), found


def test_every_container_has_a_read_only_root_and_the_nodes_user(manifests: list[Manifest]) -> None:
    for template in pod_templates(manifests).values():
        spec, context = template["spec"], template["spec"]["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (65532, 65532, 65532)
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_no_pod_can_talk_to_the_api_server(manifests: list[Manifest]) -> None:
    for template in pod_templates(manifests).values():
        assert template["spec"]["automountServiceAccountToken"] is False
        assert template["spec"]["serviceAccountName"] == RELEASE


def test_everything_is_in_the_releases_namespace_and_named_after_it(manifests: list[Manifest]) -> None:
    assert {m["metadata"]["namespace"] for m in manifests} == {NAMESPACE}
    assert all(m["metadata"]["name"].startswith(RELEASE) for m in manifests)


def test_no_two_are_the_same_thing(manifests: list[Manifest]) -> None:
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(names) == len(set(names))


def test_only_backups_and_the_smoke_test_are_hooks(manifests: list[Manifest]) -> None:
    """Nothing runs at a rollback, so nothing can keep one from ending."""
    hooks = {
        (m["kind"], m["metadata"]["name"]): m["metadata"]["annotations"]
        for m in manifests
        if "helm.sh/hook" in m["metadata"].get("annotations", {})
    }
    when = {name: found["helm.sh/hook"] for name, found in hooks.items()}
    assert when.pop(("Pod", "alys-node-smoke-test")) == "post-install,post-upgrade"
    assert set(when.values()) <= {"pre-upgrade"}
    assert all(kind == "VolumeSnapshot" or name.startswith("alys-node-backup-") for kind, name in when)


def test_a_hook_stays_until_the_next_but_for_one_with_a_volume_of_its_own(manifests: list[Manifest]) -> None:
    """A failed one is looked at, and a snapshot is the backup itself."""
    for manifest in manifests:
        if policy := manifest["metadata"].get("annotations", {}).get("helm.sh/hook-delete-policy"):
            gone = ",hook-succeeded" if "ephemeral" in str(manifest) else ""
            assert policy == f"before-hook-creation{gone}"


def test_monitors_and_alerts_come_where_their_kinds_are(chart: Chart) -> None:
    def kinds(*api_versions: str) -> set[str]:
        return {m["kind"] for m in chart.render(LOCAL, api_versions=api_versions)}

    plain = kinds()
    assert [kinds(version) - plain for version in MONITORING] == [{"ServiceMonitor"}, {"PrometheusRule"}]
    assert kinds(*MONITORING) - plain == {"ServiceMonitor", "PrometheusRule"}
