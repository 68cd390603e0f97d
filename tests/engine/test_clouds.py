"""Every stack in the cloud on the real engine, with recorders for what can't be made here."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pulumi.runtime.rpc import UNKNOWN

from tests.conftest import Nursery

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
    "pipelines",
)
CLOUDS = ("bootstrap", "repository", "delivery", "testnet", "staging", "canary", "production")
RECORDED = ("aws", "github", "kubernetes")

pytestmark = pytest.mark.cluster


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A copy of the program, in which a stack is named in each command."""

    folder: Path

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)

    def declare(self, stack: str) -> None:
        shutil.copy(CLONE / f"Pulumi.{stack}.yaml", self.folder)
        self.succeeds("stack", "init", stack)
        if "alys:registry" in yaml.safe_load((self.folder / f"Pulumi.{stack}.yaml").read_text())["config"]:
            self.succeeds("config", "set", "--stack", stack, "--secret", "registry_token", "a-token")

    def plan(self, stack: str) -> dict[str, int]:
        """How many resources a preview would create, update, leave the same."""
        return json.loads(self.succeeds("preview", "--json", "--stack", stack))["changeSummary"]

    def up(self, stack: str) -> dict[str, int]:
        """Update the stack; how many resources were created, updated, left the same."""
        self.succeeds("up", "--yes", "--skip-preview", "--stack", stack)
        history = self.succeeds("stack", "history", "--json", "--stack", stack)
        return json.loads(history)[0]["resourceChanges"]

    def is_made_as_planned_and_once(self, stack: str) -> None:
        plan = self.plan(stack)
        assert set(plan) == {"create"}
        assert self.up(stack) == plan
        assert UNKNOWN not in self.succeeds("stack", "export", "--stack", stack)
        assert set(self.up(stack)) == {"same"}

    def would_change(self, stack: str) -> dict[str, str]:
        """What a preview would do, by resource; what stays the same is left out."""
        plan = json.loads(self.succeeds("preview", "--json", "--stack", stack))
        return {one["urn"].rpartition("::")[2]: one["op"] for one in plan["steps"] if one["op"] != "same"}

    def keep(self, stack: str, path: str, secret: str) -> None:
        self.succeeds("config", "set", "--stack", stack, "--secret", "--path", path, secret)

    def succeeds(self, *arguments: str) -> str:
        done = self.pulumi(*arguments)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nursery: Nursery) -> Cloud:
    folder, shims = tmp_path / "program", tmp_path / "bin"
    folder.mkdir()
    shims.mkdir()
    (tmp_path / "state").mkdir()
    for name in filter(lambda name: (CLONE / name).exists(), PROGRAM):
        source = CLONE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    (folder / ".venv").symlink_to(CLONE / ".venv")
    # Also where the official plugins are: those would ask for an account and a cluster.
    for package in RECORDED:
        nursery.shim(shims / f"pulumi-resource-{package}", "local.plugins.recorder", package)
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    return Cloud(folder=folder)


@pytest.mark.parametrize("stack", [stack for stack in CLOUDS if stack not in ("bootstrap", "production")])
def test_a_stack_is_planned_and_made_once(cloud: Cloud, stack: str):
    cloud.declare(stack)
    cloud.is_made_as_planned_and_once(stack)


def test_an_environment_is_removed_once_nothing_protects_it_and_not_before(cloud: Cloud):
    """As the README says it."""
    cloud.declare("staging")
    cloud.up("staging")
    refused = cloud.pulumi("destroy", "--yes", "--stack", "staging")
    assert refused.returncode != 0
    assert "because it is protected" in refused.stdout
    for section in ("cluster", "release"):
        path = f"alys:{section}.protect"
        cloud.succeeds("config", "set", "--stack", "staging", "--path", path, "false")
    cloud.up("staging")
    # What no section leaves to chance: the vault of the backups.
    assert "backups-vault" in cloud.pulumi("destroy", "--yes", "--stack", "staging").stdout
    cloud.succeeds("state", "unprotect", "--all", "--yes", "--stack", "staging")
    cloud.succeeds("destroy", "--yes", "--stack", "staging")
    left = json.loads(cloud.succeeds("stack", "export", "--stack", "staging"))["deployment"]
    assert left.get("resources") in (None, [])


def test_production_is_made_once_and_a_changed_reviewer_changes_one_resource(cloud: Cloud):
    cloud.declare("production")
    cloud.is_made_as_planned_and_once("production")
    path = "alys:github.rollback.reviewers.teams[0]"
    cloud.succeeds("config", "set", "--stack", "production", "--path", path, "security")
    assert cloud.would_change("production") == {"production-rollback-environment": "update"}


def test_a_rotated_secret_changes_where_it_arrives_and_nothing_else(cloud: Cloud):
    """The table of docs/how-to/rotate-a-secret.md, line by line."""
    cloud.declare("staging")
    paths = ("secrets.node-key", "registry_token", "github_secrets.NOTIFICATION_URLS", "alert_secrets.slack")
    for path in paths:
        cloud.keep("staging", path, "old")
    cloud.up("staging")
    changes = {}
    for path in paths:
        cloud.keep("staging", path, "new")
        changes[path] = cloud.would_change("staging")
        cloud.keep("staging", path, "old")
    assert changes == {
        "secrets.node-key": {"node-secrets": "update", "node-release": "update"},
        "registry_token": {"images-token": "update"},
        "github_secrets.NOTIFICATION_URLS": {
            "staging-secret-NOTIFICATION_URLS": "update",
            "staging-rollback-secret-NOTIFICATION_URLS": "update",
        },
        "alert_secrets.slack": {"observability-alerts": "update"},
    }


def test_the_state_is_made_once_and_is_not_destroyed_while_it_is_protected(cloud: Cloud):
    cloud.declare("bootstrap")
    cloud.is_made_as_planned_and_once("bootstrap")
    refused = cloud.pulumi("destroy", "--yes", "--stack", "bootstrap")
    assert refused.returncode != 0
    assert "state-bucket" in refused.stdout
    assert "because it is protected" in refused.stdout
    assert cloud.succeeds("stack", "output", "state_key", "--stack", "bootstrap").startswith("arn:aws:kms:")
