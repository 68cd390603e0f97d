"""An image that is pulled with a secret: `registry.mode: direct`, without an account."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.cluster import embedded, namespaces

pytestmark = pytest.mark.cluster

PROGRAM = Path(__file__).with_name("locked_registry.py")
USER, TOKEN = "alys-bot", "planted-registry-token"


@pytest.fixture
def locked():
    """A registry on the machine's own loopback, as the machines of the cluster see it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first, *_ = embedded.running()
    among = ["nsenter", f"--target={first}", "--mount", "--"]
    command = [*among, *namespaces.inside_network((sys.executable, str(PROGRAM), str(port), USER, TOKEN))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as served:
        assert served.stdout.readline() == "ready\n"
        yield f"localhost:{port}"
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
    assert not direct.release("v1.0.0")
    keep(direct, TOKEN)
    assert direct.release("v1.0.0")
    assert direct.namespace.see().versions == {"v1.0.0": 2}
    assert TOKEN not in direct.stack.log.read_text()
