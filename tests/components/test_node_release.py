"""The node's release as the engine would see it."""

from pathlib import Path

import pulumi
import pytest

from components.feature_flags import feature_flags
from components.folder_digest import folder_digest
from components.node_release import NodeRelease, NodeReleaseArgs, image_reference
from sections.pin import Pin
from sections.release import Release
from tests.recorder import Recording, record

DIGEST = "sha256:" + "ab" * 32
NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
RELEASE = "kubernetes:helm.sh/v3:Release"


def declared(*, secrets=None, login=None, phase=None, **changes) -> Recording:
    pin = Pin(version="v2.0.0", digest=DIGEST, rollout=25, flags={"fast_sync": True}, phase=phase)
    release = Release(image="ghcr.io/alys/node", replicas=4, **changes)

    def program() -> None:
        given = None if secrets is None else pulumi.Output.secret(secrets)
        NodeRelease(
            "node",
            NodeReleaseArgs(
                namespace="alys-test",
                pin=pin,
                flags=feature_flags(pin),
                release=release,
                secrets=given,
                registry_login=None if login is None else pulumi.Output.secret(login),
            ),
        )

    return record(program)


def test_the_pin_reaches_the_chart():
    values = declared().one(RELEASE).inputs["values"]
    assert values["image"] == {"repository": "ghcr.io/alys/node", "version": "v2.0.0", "digest": DIGEST}
    assert values["rollout"] == {"percent": 25}
    assert values["flags"]["toml"] == "fast_sync = true\n"


def test_without_a_place_for_backups_there_is_none():
    values = declared().one(RELEASE).inputs["values"]
    assert values["migration"] == {
        "phase": "",
        "snapshotClass": "",
        "copyClass": "",
        "volume": "",
        "timeoutSeconds": 300,
    }
    assert not declared().all(CLAIM)


@pytest.mark.parametrize(("shared", "mode"), [(False, "ReadWriteOnce"), (True, "ReadWriteMany")])
def test_a_backup_volume_is_there_before_the_release_and_kept(shared, mode):
    recording = declared(backup_volume={"size": "300Gi", "storage_class": "alys-shared", "shared": shared})
    claim = recording.one(CLAIM)
    assert claim.inputs["spec"] == {
        "accessModes": [mode],
        "storageClassName": "alys-shared",
        "resources": {"requests": {"storage": "300Gi"}},
    }
    assert claim.protect
    assert claim.urn in recording.one(RELEASE).depends_on
    assert recording.one(RELEASE).inputs["values"]["migration"]["volume"] == "alys-node-backups"


def test_the_classes_of_snapshots_reach_the_chart_and_need_no_volume():
    recording = declared(snapshots={"snapshot_class": "alys-chain", "storage_class": "alys-default"})
    values = recording.one(RELEASE).inputs["values"]["migration"]
    assert (values["snapshotClass"], values["copyClass"]) == ("alys-chain", "alys-default")
    assert not recording.all(CLAIM)


def test_the_phase_reaches_the_chart():
    values = declared(phase="foundation").one(RELEASE).inputs["values"]
    assert values["migration"]["phase"] == "foundation"


def test_a_failed_release_goes_back_by_itself():
    release = declared().one(RELEASE)
    assert release.inputs["atomic"] is True
    assert release.inputs.get("skipAwait") in (None, False)
    assert release.inputs["maxHistory"] > 1


def test_helm_alone_limits_an_update():
    """An engine's timeout would take the place of Helm's, which atomic may need twice."""
    release = declared(timing={"update": 300}).one(RELEASE)
    assert release.inputs["timeout"] == 300
    assert release.timeouts == {"create": "", "update": "", "delete": ""}


def test_a_failed_release_keeps_the_flags_that_its_pods_name():
    assert not declared().one(RELEASE).inputs.get("cleanupOnFail")


def test_the_namespace_enforces_the_restricted_standard():
    labels = declared().one(NAMESPACE).inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_namespace_with_chain_data_is_protected():
    assert declared().one(NAMESPACE).protect
    assert not declared(protect=False).one(NAMESPACE).protect


def test_the_release_waits_for_namespace_and_secrets():
    recording = declared(secrets={"node-key": "k"})
    urns = {recording.one(NAMESPACE).urn, recording.one(SECRET).urn}
    assert urns <= set(recording.one(RELEASE).depends_on)


def test_secrets_reach_the_cluster_as_secrets_only():
    recording = declared(secrets={"node-key": "planted"})
    assert recording.one(SECRET).secrets >= {"stringData"}
    release = recording.one(RELEASE)
    assert "values.secrets.digest" in release.secrets
    assert "planted" not in str(release.inputs)


def test_a_changed_secret_changes_the_pods_and_an_unchanged_one_does_not():
    def digest(secrets):
        return declared(secrets=secrets).one(RELEASE).inputs["values"]["secrets"]["digest"]

    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    assert digest({"a": "1"}) != digest({"a": "2"})


def test_without_secrets_none_are_declared():
    recording = declared()
    assert recording.all(SECRET) == []
    assert recording.one(RELEASE).inputs["values"]["secrets"] == {"name": "", "digest": ""}


@pytest.mark.parametrize(
    ("digest", "reference"),
    [(DIGEST, f"ghcr.io/alys/node:v1@{DIGEST}"), (None, "ghcr.io/alys/node:v1")],
)
def test_an_image_is_named_by_tag_and_digest(digest, reference):
    assert image_reference("ghcr.io/alys/node", Pin(version="v1", digest=digest)) == reference


def test_an_edited_chart_has_another_digest(tmp_path: Path):
    (tmp_path / "a").write_text("1")
    before = folder_digest(str(tmp_path))
    (tmp_path / "a").write_text("2")
    assert folder_digest(str(tmp_path)) != before


def test_moved_bytes_between_files_change_the_digest(tmp_path: Path):
    (tmp_path / "a").write_text("12")
    (tmp_path / "b").write_text("3")
    before = folder_digest(str(tmp_path))
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("23")
    assert folder_digest(str(tmp_path)) != before


def test_the_image_is_pulled_with_a_login_where_nodes_have_no_right_of_their_own():
    recording = declared(login="{}")
    login = recording.one(SECRET, "node-registry")
    assert login.inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert any(path.startswith("stringData") for path in login.secrets)
    release = recording.one(RELEASE)
    assert release.inputs["values"]["imagePullSecrets"] == [{"name": login.inputs["metadata"]["name"]}]
    assert login.urn in release.depends_on


def test_without_a_login_there_is_no_pull_secret():
    recording = declared()
    assert recording.all(SECRET) == []
    assert recording.one(RELEASE).inputs["values"]["imagePullSecrets"] == []


def test_pods_go_to_the_named_machines_past_their_taint():
    values = declared(node_group="chain").one(RELEASE).inputs["values"]
    assert values["nodeSelector"] == {"alys.network/group": "chain"}
    assert values["tolerations"] == [{"key": "alys.network/group", "value": "chain", "effect": "NoSchedule"}]


def test_pods_go_anywhere_when_no_machines_are_named():
    values = declared().one(RELEASE).inputs["values"]
    assert (values["nodeSelector"], values["tolerations"]) == ({}, [])
