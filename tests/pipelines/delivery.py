"""A runner's workspace for the delivery pipelines: this repository, checked out, with a stack of its own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.demo.cluster import Namespace
from tests.pipelines import hub
from tests.pipelines.runner import RAN, JobRun
from tests.pipelines.workflows import ROOT, named

CONTEXT = "alys-local"
RUN = 17


@dataclass
class Runner(JobRun):
    """A job's run whose steps can go on by themselves, as they do until somebody cancels it."""

    def begin(self, name: str) -> "subprocess.Popen[str]":
        step = self.job.step(name)
        script = Path(self.environment["RUNNER_TEMP"]) / "script.sh"
        script.write_text(step.run)
        RAN.add(step.id)
        return subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=self._environment(step.content),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A clone with a stack `local`, its state in a folder, its pods in a namespace."""

    folder: Path
    state: Path
    namespace: Namespace
    repository: hub.Repository
    environment: dict[str, str] = field(default_factory=dict)

    def job(self, workflow: str, name: str, run: int = RUN, **contexts: Any) -> Runner:
        """A job as GitHub runs it: with the environment's variables, and the token in no other place."""
        github = {
            "actor": "ann",
            "event": {"repository": {"default_branch": "main"}},
            "event_name": "workflow_dispatch",
            "ref_name": "main",
            "repository": hub.REPOSITORY,
            "run_id": str(run),
            "server_url": "https://github.com",
            "sha": git(self.folder, "rev-parse", "HEAD"),
        }
        given = contexts.get("github", {})
        whole = {
            "inputs": {"environment": "local"},
            "matrix": {"stack": "local"},
            "secrets": {"NOTIFICATION_URLS": f"json://{self.repository.url.removeprefix('http://')}/"},
            "vars": {"PIN_BY": "pull-request", "PULUMI_BACKEND_URL": f"file://{self.state}"},
            **contexts,
            "github": github | given | {"event": github["event"] | given.get("event", {})},
        }
        temporary = tempfile.mkdtemp(dir=self.folder.parent)
        own = {"PULUMI_BACKEND_URL": f"file://{self.state}", "RUNNER_TEMP": temporary}
        return Runner(named(workflow).job(name), self.folder, whole, self.environment | own)

    def commit(self) -> str:
        """What stands in the stack file now is what `main` has."""
        self.repository.files["main"]["Pulumi.local.yaml"] = (self.folder / "Pulumi.local.yaml").read_text()
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "as it is")
        return git(self.folder, "rev-parse", "HEAD")

    def pinned(self) -> str:
        config = yaml.safe_load((self.folder / "Pulumi.local.yaml").read_text())["config"]
        return config["alys:version"]


def check_out(
    root: Path, repository: hub.Repository, like: Checkout | None = None, name: str = "clone"
) -> Checkout:
    """A fresh clone; `like` another one it is of the same stack, on another machine."""
    folder = root / name
    for path in git(ROOT, "ls-files").splitlines():
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    git(folder, "init", "-q", "--initial-branch", "main")
    (folder / ".git/info/exclude").write_text(".venv\n.release\n")
    namespace = like.namespace if like else Namespace(context=CONTEXT, name=f"deliver-{uuid.uuid4().hex[:8]}")
    if like:
        shutil.copy(like.folder / "Pulumi.local.yaml", folder)
    else:
        stack_file(folder, namespace.name)
    state = like.state if like else root / "state"
    state.mkdir(exist_ok=True)
    found = Checkout(
        folder=folder,
        state=state,
        namespace=namespace,
        repository=repository,
        environment=repository.environment,
    )
    found.commit()
    return found


def stack_file(folder: Path, namespace: str) -> None:
    """Two pods, two steps, and a gate that waits for its samples on a busy machine."""
    path = folder / "Pulumi.local.yaml"
    content = yaml.safe_load(path.read_text())
    release = content["config"]["alys:release"]
    release |= {"namespace": namespace, "replicas": 2}
    release["timing"] |= {"drain": 0, "update": 60, "smoke_test": 5}
    content["config"]["alys:strategy"] = {"steps": [50, 100], "soak_seconds": 2, "patience_seconds": 60}
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def pulumi(checkout: Checkout, *words: str) -> str:
    backend = {"PULUMI_BACKEND_URL": f"file://{checkout.state}"}
    return subprocess.run(
        ["pulumi", *words],
        cwd=checkout.folder,
        env=os.environ | backend,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=a test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
