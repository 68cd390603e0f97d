"""An image that is pulled with a secret: `registry.mode: direct`, without an account."""

import base64
import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from local.cluster import embedded, namespaces

pytestmark = pytest.mark.cluster

PROGRAM = Path(__file__).with_name("locked_registry.py")
USER, TOKEN = "alys-bot", "planted-registry-token"


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A registry on the loopback of this machine, where the driver asks it, and on that of the cluster's."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = (sys.executable, str(PROGRAM), str(port), USER, TOKEN)
    first, *_ = embedded.running()
    among = ["nsenter", f"--target={first}", "--mount", "--"]
    host = f"localhost:{port}"
    auth = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with serving(words), serving([*among, *namespaces.inside_network(words)]):
        yield host


@contextmanager
def serving(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as served:
        assert served.stdout.readline() == "ready\n"
        yield
        served.kill()


@pytest.fixture
def direct(workspace, locked):
    """A workspace whose image comes from there."""
    content = yaml.safe_load(workspace.stack.config_file.read_text())
    content["config"]["alys:registry"] = {"mode": "direct", "username": USER}
    content["config"]["alys:release"]["image"] = f"{locked}/alys/node"
    workspace.stack.config_file.write_text(yaml.safe_dump(content, sort_keys=False))
    return workspace


def keep(workspace, token: str) -> None:
    kept = workspace.pulumi("config", "set", "--secret", "registry_token", token)
    assert kept.returncode == 0, kept.stderr


def test_pods_pull_with_the_secret_and_with_no_other(direct):
    keep(direct, "another-token")
    refused = direct.driver("deploy", "local", "v1.0.0", "--json")
    assert refused.returncode == 5, refused.stdout + refused.stderr
    assert "image that can't be pulled" in refused.stdout
    keep(direct, TOKEN)
    run = direct.driver("deploy", "local", "v1.0.0", "--retry", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert direct.namespace.see().versions == {"v1.0.0": 2}
    assert TOKEN not in run.stdout + run.stderr
