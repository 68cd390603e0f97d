"""Claims of volumes, on a pretended API."""

import pytest

from release.errors import ContactLostError
from release.outside import claims
from release.outside.claims import Claims
from tests.release.snapshots import FakeKube

OURS = "/api/v1/namespaces/n/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
LABELS = {"alys.network/rehearsal": "there"}


def claim(name, volume="pvc-1", **spec):
    return {
        "metadata": {"name": name, "uid": f"uid-of-{name}"},
        "spec": {"storageClassName": "chain", "resources": {"requests": {"storage": "7Gi"}}, **spec}
        | {"volumeName": volume},
    }


def volume(called, **ref):
    return {
        "metadata": {"name": called},
        "spec": {"persistentVolumeReclaimPolicy": "Retain", "claimRef": ref},
    }


def test_a_claim_like_another_is_of_its_class_and_size_and_of_no_volume_yet():
    kube = FakeKube({f"{OURS}/data": claim("data", dataSource={"name": "before"})})
    Claims(kube).make_like("n", "data", name="made", labels=LABELS)
    made = kube.objects[f"{OURS}/made"]
    assert made["spec"] == {"storageClassName": "chain", "resources": {"requests": {"storage": "7Gi"}}}
    assert made["metadata"]["labels"] == LABELS


def test_a_volume_is_handed_over_with_its_data_and_goes_with_its_next_claim():
    kube = FakeKube(
        {
            f"{OURS}/made": claim("made"),
            f"{VOLUMES}/pvc-1": volume("pvc-1", namespace="n", name="made", uid="u"),
        }
    )
    Claims(kube).hand_over("n", "made", to="there", as_="data-0", labels=LABELS)
    assert kube.done == [("patch", "pvc-1"), ("delete", "made"), ("patch", "pvc-1")]
    spec = kube.objects[f"{VOLUMES}/pvc-1"]["spec"]
    assert spec["claimRef"] == {"namespace": "there", "name": "data-0", "uid": None, "resourceVersion": None}
    assert spec["persistentVolumeReclaimPolicy"] == "Delete"


def test_a_volume_is_kept_before_its_claim_is_deleted():
    """Or else its driver would delete it with the claim."""
    kube = FakeKube({f"{OURS}/made": claim("made"), f"{VOLUMES}/pvc-1": volume("pvc-1", uid="u")})
    seen = []
    delete = kube.delete
    kube.delete = lambda path, uid: (
        seen.append(kube.objects[f"{VOLUMES}/pvc-1"]["spec"]["persistentVolumeReclaimPolicy"]),
        delete(path, uid=uid),
    )
    Claims(kube).hand_over("n", "made", to="there", as_="data-0", labels=LABELS)
    assert seen == ["Retain"]


def test_a_claim_that_somebody_uses_is_told_with_the_command_that_shows_it(monkeypatch):
    monkeypatch.setattr(claims, "WITHIN_SECONDS", 0)
    kube = FakeKube({f"{OURS}/made": claim("made"), f"{VOLUMES}/pvc-1": volume("pvc-1", uid="u")})
    kube.delete = lambda path, uid: None
    with pytest.raises(ContactLostError, match="made stays") as caught:
        Claims(kube).hand_over("n", "made", to="there", as_="data-0", labels=LABELS)
    assert "kubectl describe pvc made -n n" in caught.value.remedy


def test_what_was_made_for_a_copy_is_let_go_wherever_it_has_got_to():
    there = "/api/v1/namespaces/there/persistentvolumeclaims"
    labelled = {"metadata": {"name": "waits", "labels": LABELS}, "spec": {"claimRef": {"name": "data-1"}}}
    kube = FakeKube(
        {
            f"{there}/data-0": claim("data-0", volume="claimed"),
            f"{VOLUMES}/claimed": volume("claimed", uid="u"),
            f"{VOLUMES}/waits": labelled,
            f"{VOLUMES}/other": volume("other", uid="u"),
        }
    )
    Claims(kube).let_go("there", "alys.network/rehearsal=there")
    policies = {
        name: kube.objects[f"{VOLUMES}/{name}"]["spec"].get("persistentVolumeReclaimPolicy")
        for name in ("claimed", "waits", "other")
    }
    assert policies == {"claimed": "Delete", "waits": "Delete", "other": "Retain"}
    assert kube.objects[f"{VOLUMES}/waits"]["spec"]["claimRef"] == {"name": "data-1", "uid": "nobody"}
    assert kube.objects[f"{VOLUMES}/claimed"]["spec"]["claimRef"] == {"uid": "u"}
