import json
import os

import pytest

from local.cluster import choice, embedded
from local.errors import LocalError


@pytest.fixture(autouse=True)
def plain_machine(own_cache, programs, monkeypatch):
    """Nothing handed in, no Docker, a user who is not root."""
    for name in ("KUBECONTEXT", "REGISTRY", "KUBECONFIG", "ALYS_PROMETHEUS", "ALYS_CLUSTER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def own(tmp_path):
    return tmp_path / "clone" / ".local" / "kubeconfig"


@pytest.fixture
def kubectl(programs, monkeypatch):
    version = choice.handed_in.tools.KUBERNETES.version
    said = json.dumps({"clientVersion": {"gitVersion": version}})
    programs.answer("kubectl version --client -o json", said)
    return programs


def test_without_root_and_without_docker_the_ways_out_are_named(own):
    with pytest.raises(LocalError) as refusal:
        choice.up(own)
    said = str(refusal.value)
    assert said.startswith(
        "no cluster can be started here: there is no `docker` on PATH, and the embedded cluster needs root."
    )
    for remedy in ("https://kind.sigs.k8s.io", "sudo -E", "KUBECONTEXT=name REGISTRY=host/path make cluster"):
        assert remedy in said


def test_a_docker_whose_daemon_sleeps_is_told_from_none(own, programs):
    programs.program("docker")
    with pytest.raises(LocalError, match="Docker's daemon does not answer `docker info`"):
        choice.up(own)


def test_a_docker_without_kind_is_told_from_none(own, programs):
    programs.answer("docker info")
    with pytest.raises(LocalError, match="there is no `kind` on PATH, and the embedded cluster needs root"):
        choice.up(own)


def test_a_context_that_is_handed_in_comes_first(own, kubectl, monkeypatch):
    monkeypatch.setenv("KUBECONTEXT", "theirs")
    monkeypatch.setenv("REGISTRY", "ghcr.io/team")
    monkeypatch.setenv("ALYS_PROMETHEUS", "https://prometheus.team")
    kubectl.answer("kubectl --context theirs --request-timeout=10s get --raw /readyz", "ok")
    kubectl.answer("kubectl config view", "the kubeconfig")
    assert choice.up(own) == choice.Cluster(
        what="context theirs",
        kubeconfig="the kubeconfig",
        registry="ghcr.io/team",
        prometheus="https://prometheus.team",
    )


def test_a_context_that_does_not_answer_is_named_with_the_remedy(own, kubectl, monkeypatch):
    monkeypatch.setenv("KUBECONTEXT", "theirs")
    with pytest.raises(
        LocalError, match=r"context 'theirs' \(KUBECONTEXT\) can't be reached: [\s\S]*get-contexts"
    ):
        choice.up(own)


def test_a_cluster_of_somebody_elses_is_not_taken_down(own, kubectl, monkeypatch, capsys):
    monkeypatch.setenv("KUBECONTEXT", "theirs")
    choice.down()
    assert capsys.readouterr().out == "context theirs is somebody else's cluster: left as it is\n"
    assert kubectl.calls() == []


def test_a_shell_that_sourced_the_clones_environment_still_means_the_users_contexts(own, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(own))
    monkeypatch.setenv("HOME", "/home/someone")
    assert choice.handed_in._source(own) == {"KUBECONFIG": "/home/someone/.kube/config"}
    monkeypatch.setenv("KUBECONFIG", "/elsewhere")
    assert choice.handed_in._source(own) == {}


def test_docker_with_kind_comes_before_the_embedded_cluster(own, kubectl, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    kubectl.answer("docker info")
    kubectl.answer("docker inspect -f {{json .State.Running}}", "true")
    kubectl.answer("kind get clusters", "alys\n")
    kubectl.answer("kind get kubeconfig --name alys", "kind's")
    kubectl.answer("kubectl --context kind-alys get --raw /readyz", "ok")
    assert choice.up(own) == choice.Cluster(
        what="kind", kubeconfig="kind's", registry="localhost:5055", prometheus=""
    )


def test_kinds_cluster_can_be_left_alone(own, programs, monkeypatch):
    """It comes without a Prometheus."""
    programs.answer("docker info")
    programs.answer("kind get clusters", "alys\n")
    monkeypatch.setenv("ALYS_CLUSTER", "embedded")
    with pytest.raises(
        LocalError, match="ALYS_CLUSTER asks for another one, and the embedded cluster needs root"
    ):
        choice.up(own)


def test_a_cluster_that_there_is_not_is_refused(own, monkeypatch):
    monkeypatch.setenv("ALYS_CLUSTER", "minikube")
    with pytest.raises(LocalError, match="ALYS_CLUSTER is 'minikube': set it to `embedded`, or not at all"):
        choice.up(own)


def test_a_root_without_the_right_to_namespaces_is_told(own, programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    programs.answer("unshare", "", 1)
    with pytest.raises(LocalError, match="this machine refuses `unshare --pid --mount"):
        choice.up(own)


def test_a_cache_that_the_cluster_would_cover_is_refused(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/lib/jenkins/cache")
    said = embedded.missing()
    assert said.startswith(
        "the cache is in /var/lib/jenkins/cache/alys-release, which the embedded cluster covers"
    )


def test_status_asks_the_cluster_that_up_would_take(own):
    assert choice.ailments(own) == ("embedded", ["the embedded cluster needs root"])
