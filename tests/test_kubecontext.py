"""The Kubernetes context of a stack."""

import socket
from pathlib import Path

import pytest
import yaml

import kubecontext
from sections.mistakes import UnusableError


def kubeconfig(path: Path, name: str, server: str = "https://127.0.0.1:1", **context) -> Path:
    path.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": f"{name}-cluster", "cluster": {"server": server}}],
                "contexts": [{"name": name, "context": {"cluster": f"{name}-cluster", **context}}],
            }
        )
    )
    return path


def test_a_context_has_its_server_and_namespace(tmp_path, monkeypatch):
    file = kubeconfig(tmp_path / "config", "here", namespace="alys-1")
    monkeypatch.setenv("KUBECONFIG", str(file))
    found = kubecontext.find("here")
    assert (found.server, found.namespace) == ("https://127.0.0.1:1", "alys-1")


def test_every_file_of_kubeconfig_is_searched_and_absent_ones_are_passed_over(tmp_path, monkeypatch):
    first = kubeconfig(tmp_path / "first", "one")
    second = kubeconfig(tmp_path / "second", "two")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path}/absent:{second}")
    assert kubecontext.find("two").name == "two"


def test_an_unknown_context_is_refused_with_the_known_ones(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "config", "here")))
    with pytest.raises(
        UnusableError, match=r"no Kubernetes context 'there'(.|\n)*It has: here(.|\n)*make cluster"
    ):
        kubecontext.find("there")


def test_a_cluster_that_nobody_serves_is_refused_by_its_context_name(tmp_path, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv(
            "KUBECONFIG", str(kubeconfig(tmp_path / "config", "here", f"https://127.0.0.1:{port}"))
        )
        with pytest.raises(UnusableError, match=rf"'here' can't be reached at https://127.0.0.1:{port}"):
            kubecontext.refuse_unreachable(kubecontext.find("here"))


def test_a_cluster_that_listens_is_taken(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv(
            "KUBECONFIG", str(kubeconfig(tmp_path / "config", "here", f"https://127.0.0.1:{port}"))
        )
        kubecontext.refuse_unreachable(kubecontext.find("here"))
