"""Looking for drift as somebody who may not read secrets: real engine, real RBAC."""

import itertools
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.cluster

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "look-for-drift.md"
WHO = "viewer"


def exclusions():
    """As the page for people has them."""
    (command,) = re.findall(r"```sh\n(pulumi refresh.*?)```", HOW_TO.read_text(), re.DOTALL)
    words = shlex.split(command.replace("\\\n", " "))
    return [word for flag, word in itertools.pairwise(words) if flag == "--exclude"]


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The kubeconfig that a stack uses, and whose token is in it."""

    path: Path
    admins: str

    def make_viewer(self, kube, name):
        """Somebody with Kubernetes' own `view`, which shows no Secret."""
        kube("create", "serviceaccount", WHO)
        kube("create", "rolebinding", WHO, "--clusterrole=view", f"--serviceaccount={name}:{WHO}")
        # The Namespace itself is no part of a namespace.
        kube("create", "role", "namespace", "--verb=get", "--resource=namespaces", f"--resource-name={name}")
        kube("create", "rolebinding", "namespace", "--role=namespace", f"--serviceaccount={name}:{WHO}")

    def give_to_viewer(self, kube):
        """Whoever asks from now on is the viewer."""
        token = kube("create", "token", WHO).strip()
        config = yaml.safe_load(self.admins)
        for user in config["users"]:
            user["user"] = {"token": token}
        self.path.write_text(yaml.safe_dump(config))

    def give_back(self):
        self.path.write_text(self.admins)


@pytest.fixture
def keys(workspace, monkeypatch):
    # One path throughout: the provider's inputs name it.
    keys = Keys(
        path=workspace.folder / "kubeconfig", admins=workspace.kubectl("config", "view", "--raw", "--minify")
    )
    keys.give_back()
    monkeypatch.setenv("KUBECONFIG", str(keys.path))
    yield keys
    keys.give_back()


def drift(workspace, *excluded):
    flags = [part for pattern in excluded for part in ("--exclude", pattern)]
    return workspace.pulumi("refresh", "--preview-only", "--expect-no-changes", "--non-interactive", *flags)


def test_whoever_may_not_read_secrets_sees_drift_in_all_other_kinds(workspace, keys):
    assert workspace.release("v1.0.0")
    keys.make_viewer(workspace.kubectl, workspace.namespace.name)
    keys.give_to_viewer(workspace.kubectl)
    calm = drift(workspace, *exclusions())
    assert calm.returncode == 0, calm.stdout + calm.stderr
    refused = drift(workspace)
    assert refused.returncode != 0
    assert "forbidden" in refused.stdout + refused.stderr

    keys.give_back()
    label = json.dumps({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}})
    workspace.kubectl("patch", "namespace", workspace.namespace.name, "-p", label)
    keys.give_to_viewer(workspace.kubectl)
    seen = drift(workspace, *exclusions())
    assert seen.returncode != 0
    assert "node-namespace" in seen.stdout
    assert "forbidden" not in seen.stdout + seen.stderr
