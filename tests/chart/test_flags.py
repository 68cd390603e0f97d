"""Flags outlive the update that brought them, for as long as a revision names them."""

import copy
import hashlib
from typing import Any

import pytest

from tests.chart.cases import FLAGS, FLAGS_DIGEST, LOCAL
from tests.chart.fakes import api_server
from tests.chart.rendering import RELEASE, Chart, Manifest, RefusedError, only

NAME = f"{RELEASE}-flags-{FLAGS_DIGEST}"
POLICY = "helm.sh/resource-policy"
OLDER = "older = true\n"
OLDER_DIGEST = hashlib.sha256(OLDER.encode()).hexdigest()[:12]


def flags(toml: str) -> dict[str, Any]:
    digest = hashlib.sha256(toml.encode()).hexdigest()[:12]
    return {**LOCAL, "flags": {"toml": toml, "digest": digest}}


def maps(manifests: list[Manifest]) -> dict[str, tuple[str, str]]:
    """Text and policy of each flags ConfigMap, by digest."""
    return {
        m["metadata"]["labels"]["alys.network/flags"]: (
            m["data"]["features.toml"],
            m["metadata"]["annotations"][POLICY],
        )
        for m in manifests
        if m["kind"] == "ConfigMap"
    }


@pytest.fixture(scope="module")
def older(chart: Chart) -> Manifest:
    """What an earlier release left in the cluster."""
    return only(chart.render(flags(OLDER)), "ConfigMap", f"{RELEASE}-flags-{OLDER_DIGEST}")


def revision(manifests: list[Manifest], **labels: str) -> Manifest:
    """Kubernetes gives a StatefulSet's ControllerRevisions the labels of its pods."""
    pods = only(manifests, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "r", "labels": pods | labels},
    }


def upgrade(chart: Chart, *cluster: Manifest, values: dict[str, Any] = LOCAL) -> dict[str, tuple[str, str]]:
    with api_server(cluster) as address:
        options = ["--dry-run=server", "--kube-apiserver", address, "--kube-token", "t"]
        return maps(chart.render(values, options=options))


def test_the_nodes_read_exactly_the_text_that_was_given(chart: Chart) -> None:
    found = only(chart.render(LOCAL), "ConfigMap", NAME)
    assert found["data"] == {"features.toml": FLAGS}
    assert found["immutable"] is True


def test_the_pods_name_the_map_and_bear_its_digest(chart: Chart) -> None:
    template = only(chart.render(LOCAL), "StatefulSet")["spec"]["template"]
    assert template["metadata"]["labels"]["alys.network/flags"] == FLAGS_DIGEST
    assert {"name": "flags", "configMap": {"name": NAME}} in template["spec"]["volumes"]
    (container,) = template["spec"]["containers"]
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert mounts["flags"] == {"name": "flags", "mountPath": "/etc/alys", "readOnly": True}


def test_a_digest_of_other_flags_is_refused_with_the_right_one(chart: Chart) -> None:
    with pytest.raises(RefusedError, match=f"flags.digest is {'0' * 12}, but flags.toml has {FLAGS_DIGEST}"):
        chart.render({**LOCAL, "flags": {"toml": FLAGS, "digest": "0" * 12}})


def test_without_a_cluster_there_are_only_the_new_flags(chart: Chart) -> None:
    assert maps(chart.render(LOCAL)) == {FLAGS_DIGEST: (FLAGS, "keep")}


def test_an_empty_cluster_gets_only_the_new_flags(chart: Chart) -> None:
    assert upgrade(chart) == {FLAGS_DIGEST: (FLAGS, "keep")}


def test_flags_that_a_revision_names_are_kept_as_they_are(chart: Chart, older: Manifest) -> None:
    assert upgrade(chart, older, revision(chart.render(flags(OLDER)))) == {
        FLAGS_DIGEST: (FLAGS, "keep"),
        OLDER_DIGEST: (OLDER, "keep"),
    }


def test_flags_that_no_revision_names_are_first_released(chart: Chart, older: Manifest) -> None:
    assert upgrade(chart, older, revision(chart.render(LOCAL)))[OLDER_DIGEST] == (OLDER, "forget")


def test_released_flags_are_left_out_and_so_deleted(chart: Chart, older: Manifest) -> None:
    released = copy.deepcopy(older)
    released["metadata"]["annotations"][POLICY] = "forget"
    assert upgrade(chart, released, revision(chart.render(LOCAL))) == {FLAGS_DIGEST: (FLAGS, "keep")}


def test_released_flags_that_are_named_again_are_kept_again(chart: Chart, older: Manifest) -> None:
    released = copy.deepcopy(older)
    released["metadata"]["annotations"][POLICY] = "forget"
    named = revision(chart.render(flags(OLDER)))
    assert upgrade(chart, released, named)[OLDER_DIGEST] == (OLDER, "keep")


def test_the_same_flags_again_are_there_once(chart: Chart, older: Manifest) -> None:
    named = revision(chart.render(flags(OLDER)))
    assert upgrade(chart, older, named, values=flags(OLDER)) == {OLDER_DIGEST: (OLDER, "keep")}


def test_another_releases_flags_are_none_of_ours(chart: Chart, older: Manifest) -> None:
    foreign = copy.deepcopy(older)
    foreign["metadata"]["labels"]["app.kubernetes.io/instance"] = "other"
    assert upgrade(chart, foreign) == {FLAGS_DIGEST: (FLAGS, "keep")}


def test_another_releases_revision_keeps_no_flags_of_ours(chart: Chart, older: Manifest) -> None:
    named = revision(chart.render(flags(OLDER)), **{"app.kubernetes.io/instance": "other"})
    assert upgrade(chart, older, named)[OLDER_DIGEST] == (OLDER, "forget")


def test_foreign_config_maps_are_left_alone(chart: Chart) -> None:
    plain: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}
    assert upgrade(chart, plain) == {FLAGS_DIGEST: (FLAGS, "keep")}
