"""What the driver does in the cluster itself: it has Helm put something back."""

from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from release.errors import ContactLostError
from release.outside import cluster as clusters
from release.outside.cluster import Cluster, HelmRevision, to_restore

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)


def revisions(*statuses):
    return tuple(
        HelmRevision(number=number, status=status, began=BEGAN) for number, status in enumerate(statuses, 1)
    )


@pytest.mark.parametrize(
    ("statuses", "number"),
    [
        (["superseded", "deployed"], 2),
        (["superseded", "deployed", "failed"], 2),
        (["superseded", "deployed", "pending-upgrade"], 2),
        # Helm calls none deployed after a rollback that failed, and the pods of the one before it serve.
        (["superseded", "superseded", "failed"], 2),
        (["superseded", "superseded", "pending-rollback"], 2),
        (["failed"], None),
        (["pending-install"], None),
        (["failed", "pending-upgrade"], None),
    ],
    ids=str,
)
def test_what_served_last_is_put_back_and_only_what_never_served_is_removed(statuses, number):
    assert to_restore(revisions(*statuses)) == number


@pytest.fixture
def cluster(monkeypatch):
    class Entrance:
        @contextmanager
        def options(self):
            yield ["--kubeconfig", "/tmp/gone-by-then"]

        def __str__(self):
            return "the stack's own cluster"

    made = Cluster(kube=SimpleNamespace(entrance=Entrance()), namespace="alys-local")
    monkeypatch.setattr(Cluster, "helm", lambda _: revisions("superseded", "deployed"))
    return made


def program(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "helm").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "helm").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_helm_is_told_what_to_put_back(cluster, tmp_path):
    said = tmp_path / "said"
    cluster.restore(program(tmp_path / "bin", f'echo "$@" > {said}'))
    assert said.read_text().startswith("rollback alys-node 2 --wait --timeout 120s --namespace alys-local")


@pytest.mark.parametrize("does", ["restore", "begin"])
def test_a_machine_without_helm_is_told_so(cluster, monkeypatch, tmp_path, does):
    monkeypatch.setenv("PATH", str(tmp_path))
    call = cluster.restore if does == "restore" else lambda known: cluster.begin_rollback(1, known)
    with pytest.raises(ContactLostError, match="no helm on PATH"):
        call({"PATH": str(tmp_path)})


def test_what_helm_says_comes_with_a_command_that_names_no_file_that_is_gone(cluster, tmp_path):
    with pytest.raises(ContactLostError) as caught:
        cluster.restore(program(tmp_path / "bin", "echo no such release >&2; exit 1"))
    assert "helm says: no such release" in caught.value.remedy
    assert "helm rollback alys-node 2" in caught.value.remedy
    assert "gone-by-then" not in caught.value.remedy


def test_a_helm_that_hangs_is_ended(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "_HELM_SECONDS", 0.3)
    with pytest.raises(ContactLostError, match="no end after 0 s"):
        cluster.begin_rollback(1, program(tmp_path / "bin", "exec sleep 60"))
