"""Who holds a copy, what its folder is, and that nothing of one is left."""

import base64
import json
from types import SimpleNamespace

import pytest

from components import node_release
from release.errors import ContactLostError, RefusedError
from release.rehearsal import stage as stages
from release.rehearsal.stage import MARKER, Stage, image, link, pull_token
from tests.release.snapshots import FakeKube, cluster

MARKERS = "/api/v1/namespaces/alys-local/configmaps"
COPY = "/api/v1/namespaces/alys-local-rehearsal"
CLAIMS = "/api/v1/namespaces/alys-local/persistentvolumeclaims"


@pytest.fixture
def kube():
    return FakeKube()


@pytest.fixture
def here(kube, tmp_path):
    own = SimpleNamespace(project=SimpleNamespace(folder=tmp_path))
    data = SimpleNamespace(cluster=cluster(kube))
    return Stage(own=own, data=data, namespace="alys-local-rehearsal")


def left(kube):
    """What a killed rehearsal leaves: a namespace, and a volume that was being filled."""
    kube.objects[COPY] = {"metadata": {"name": "alys-local-rehearsal", "uid": "n"}}
    labels = {"alys.network/rehearsal": "alys-local-rehearsal"}
    kube.objects[f"{CLAIMS}/rehearsal-alys-node-0"] = {
        "metadata": {"name": "rehearsal-alys-node-0", "uid": "c", "labels": labels},
        "spec": {},
    }


def test_a_copy_is_marked_before_anything_is_made_of_it(here, kube):
    here.take()
    assert kube.done == [("create", MARKER)]


def test_what_a_killed_rehearsal_of_this_clone_left_is_taken_away_first(here, kube):
    here.take()
    left(kube)
    here.take()
    assert kube.done[1:] == [
        ("delete", "rehearsal-alys-node-0"),
        ("delete", "alys-local-rehearsal"),
        ("delete", MARKER),
        ("create", MARKER),
    ]


def test_a_rehearsal_of_another_clone_is_left_alone(here, kube):
    here.take()
    kube.objects[f"{MARKERS}/{MARKER}"]["data"] = {"by": "elsewhere:/clone"}
    left(kube)
    there = dict(kube.objects)
    with pytest.raises(RefusedError, match="elsewhere:/clone") as caught:
        here.take()
    assert f"kubectl delete configmap {MARKER} -n alys-local" in caught.value.remedy
    assert kube.objects == there


def test_a_namespace_that_no_rehearsal_made_is_left_alone(here, kube):
    left(kube)
    with pytest.raises(RefusedError, match="no rehearsal made") as caught:
        here.take()
    assert "kubectl delete ns alys-local-rehearsal" in caught.value.remedy
    assert kube.done == []


def test_a_namespace_that_does_not_go_is_told_and_the_next_rehearsal_meets_it(here, kube, monkeypatch):
    monkeypatch.setattr(stages, "GONE_WITHIN_SECONDS", 0)
    here.take()
    left(kube)
    kube.delete = lambda path, uid: None
    with pytest.raises(ContactLostError, match="isn't gone"):
        here.end()
    assert f"{MARKERS}/{MARKER}" in kube.objects


def test_a_copy_of_the_project_is_the_project_but_for_its_stacks(tmp_path):
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "components").mkdir()
    for name in ("Pulumi.yaml", "Pulumi.staging.yaml", "__main__.py"):
        (project / name).write_text(name)
    link(project, tmp_path / "copy")
    assert sorted(entry.name for entry in (tmp_path / "copy").iterdir()) == [
        "Pulumi.yaml",
        "__main__.py",
        "components",
    ]
    assert (tmp_path / "copy" / "__main__.py").read_text() == "__main__.py"


@pytest.mark.parametrize(
    ("running", "repository"),
    [
        ("localhost:5055/alys/node:v1.0.0@sha256:" + "0" * 64, "localhost:5055/alys/node"),
        ("ghcr.io/alys/node@sha256:" + "0" * 64, "ghcr.io/alys/node"),
        ("node:v1", "node"),
    ],
)
def test_a_copy_has_the_image_of_the_pods_from_where_they_have_it(running, repository):
    pod = {"containers": [{"name": "node", "image": running}]}
    assert image({"spec": {"template": {"spec": pod}}}) == repository


def pull_secret(text):
    return {"data": {".dockerconfigjson": base64.b64encode(text.encode()).decode()}}


def test_the_token_is_the_one_that_the_stacks_own_pods_pull_with():
    login = {"auths": {"ghcr.io": {"username": "alys-bot", "password": "a token"}}}
    assert pull_token(pull_secret(json.dumps(login))) == "a token"


@pytest.mark.parametrize("secret", [{}, {"data": None}, pull_secret("no JSON"), pull_secret('{"auths": {}}')])
def test_a_secret_without_a_token_is_none(secret):
    assert pull_token(secret) is None


def test_the_secret_has_the_name_that_the_program_gives_it():
    assert stages.PULL_SECRET == node_release.PULL_SECRET
