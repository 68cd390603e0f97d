"""Whole stacks on the real engine and cluster, each in a folder, a state and a namespace of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import node_image, samples
from local.demo.cluster import Namespace
from tests.conftest import Nursery
from tests.engine.stack import Stack
from tests.release.conftest import nobody, receiver, s3  # noqa: F401  fixtures

CLONE = Path(__file__).parents[2]
PROGRAM = (
    "__main__.py",
    "configuration.py",
    "settings.py",
    "kubecontext.py",
    "Pulumi.yaml",
    "components",
    "sections",
    "chart",
    "release",
    "migration",
)
CONTEXT = "alys-local"
SLOW = "v2.1.0-slow-data"
CHANGE = {"deploy", "promote", "rollback", "migrate", "restore"}
"""Commands that ask first."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A copy of the program with a stack `local` that nobody else uses."""

    folder: Path
    stack: Stack
    namespace: Namespace
    digests: dict[str, str]
    nursery: Nursery

    def release(self, version: str, **keys: Any) -> bool:
        """Pin a version of the sample node, and update."""
        self.stack.pin({"version": version, "digest": self.digests[version], **keys})
        return self.stack.up()

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--stack", "local"],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )

    def driver(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`release`, as a pipeline runs it."""
        return subprocess.run(
            self.nursery.release(*confirmed(*words)),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, **variables},
        )

    def start_driver(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """A run of `release` that goes on by itself."""
        return subprocess.Popen(
            [sys.executable, "-m", "release", *confirmed(*words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={**os.environ, **variables},
            start_new_session=True,
        )

    def pinned(self) -> dict[str, Any]:
        """The pin in the stack file."""
        config = yaml.safe_load((self.folder / "Pulumi.local.yaml").read_text())["config"]
        return {key: config[f"alys:{key}"] for key in ("version", "rollout", "flags")}

    def start_update(self) -> subprocess.Popen[str]:
        """An update that runs on its own, in a process group of its own."""
        return subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "local"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            start_new_session=True,
        )

    def helm(self, *arguments: str) -> str:
        return self._run("helm", "--kube-context", CONTEXT, *arguments)

    def kubectl(self, *arguments: str) -> str:
        return self._run("kubectl", "--context", CONTEXT, *arguments)

    def _run(self, tool: str, *arguments: str) -> str:
        command = [tool, *arguments, "--namespace", self.namespace.name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def served(workspace: Workspace) -> Workspace:
    """One whose pods let their clients go before they end."""
    content = yaml.safe_load(workspace.stack.config_file.read_text())
    content["config"]["alys:release"]["timing"]["drain"] = 2
    workspace.stack.config_file.write_text(yaml.safe_dump(content, sort_keys=False))
    return workspace


def confirmed(*words: str) -> list[str]:
    """Words of the command line after `release`; what changes something isn't asked about."""
    return [*words, "--yes"] if words[0] in CHANGE else list(words)


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal to an update that this test started, and to what it started."""
    os.killpg(process.pid, number)


@pytest.fixture(scope="session")
def sample_digests() -> dict[str, str]:
    """The sample versions in the local registry."""
    return samples.push()


@pytest.fixture(scope="session")
def newer_digest() -> str:
    """A version that knows all phases up to the point of no return."""
    return node_image.push("v2.1.0", None)


@pytest.fixture(scope="session")
def slow_digest() -> str:
    """A version that takes its time between writing a chain and putting it into the old one's place."""
    return node_image.push(SLOW, "slow-data:4")


@pytest.fixture
def workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_digests: dict[str, str], nursery: Nursery
) -> Iterator[Workspace]:
    for name in PROGRAM:
        source = CLONE / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    (tmp_path / ".venv").symlink_to(CLONE / ".venv")
    # Three samples of a pod are there after six seconds, ten after twenty.
    gates = tmp_path / "migration" / "gates.toml"
    gates.write_text(
        re.sub(r"^(series = .*)$", r"\1\nmin_samples = 3", gates.read_text(), flags=re.MULTILINE)
    )
    name = f"engine-{uuid.uuid4().hex[:8]}"
    config = yaml.safe_load((CLONE / "Pulumi.local.yaml").read_text())
    release = config["config"]["alys:release"]
    # Two pods and half a minute: a version that never gets ready costs the whole limit.
    release |= {"namespace": name, "replicas": 2}
    # Nobody asks them, but for `served`.
    release["timing"] |= {"drain": 0, "update": 30, "smoke_test": 5}
    config["config"]["alys:strategy"] = {"steps": [50, 100], "soak_seconds": 2, "patience_seconds": 20}
    (tmp_path / "Pulumi.local.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    monkeypatch.chdir(tmp_path)
    made = subprocess.run(["pulumi", "stack", "init", "local"], check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    stack = Stack(name="local", config_file=tmp_path / "Pulumi.local.yaml", log=tmp_path / "log")
    namespace = Namespace(context=CONTEXT, name=name)
    yield Workspace(
        folder=tmp_path, stack=stack, namespace=namespace, digests=sample_digests, nursery=nursery
    )
    subprocess.run(
        ["kubectl", "--context", CONTEXT, "delete", "namespace", name, "--ignore-not-found", "--wait=false"],
        check=True,
        capture_output=True,
    )
    if stack.log.exists():
        print(stack.log.read_text())
