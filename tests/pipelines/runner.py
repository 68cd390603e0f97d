"""Runs the steps of a job as GitHub's runner does, on this machine.

A step's text is written to a file and given to bash with GitHub's own options; what it writes into the files
for outputs, environment and PATH is there for the next step.
"""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.pipelines import machine
from tests.pipelines.expressions import resolve
from tests.pipelines.workflows import Job, named

# What has been run, for the test that asks whether everything was.
RAN: set[str] = set()
_COLOURS = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z]|\(B)")
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True)
class Done:
    """What became of a step."""

    code: int
    said: str
    summary: str

    @property
    def passed(self) -> bool:
        return self.code == 0


@dataclass
class JobRun:
    """One run of one job."""

    job: Job
    workspace: Path
    contexts: dict[str, Any] = field(default_factory=dict)
    """Values of `github`, `inputs`, `needs` and the others, nested as in expressions."""
    environment: dict[str, str] = field(default_factory=dict)
    """What a step before has set, or the test."""

    def step(self, name: str) -> Done:
        """Run the step of this name."""
        step = self.job.step(name)
        assert step.run is not None, f"{step.id} runs no script"
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            files = {name: folder / name for name in _FILES}
            for path in files.values():
                path.touch()
            (folder / "script.sh").write_text(step.run)
            own = {name: str(path) for name, path in files.items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(folder / "script.sh")],
                cwd=self.workspace / self._folder(step.content),
                env={"RUNNER_TEMP": temporary} | self._environment(step.content) | own,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            said = {name: path.read_text() for name, path in files.items()}
        RAN.add(step.id)
        self._take(step.content.get("id"), said)
        return Done(done.returncode, _COLOURS.sub("", done.stdout), said["GITHUB_STEP_SUMMARY"])

    def outputs(self, id_: str) -> dict[str, str]:
        return self.contexts["steps"][id_]["outputs"]

    def _folder(self, step: Mapping[str, Any]) -> str:
        for content in (step, *(one.get("defaults", {}).get("run", {}) for one in self._around())):
            if "working-directory" in content:
                return resolve(content["working-directory"], self._contexts())
        return "."

    def _around(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return self.job.content, self.job.workflow.content

    def _contexts(self) -> dict[str, Any]:
        github = {"workspace": str(self.workspace), "token": "a-token-of-a-test"}
        return {**self.contexts, "github": github | self.contexts.get("github", {})}

    def _environment(self, step: Mapping[str, Any]) -> dict[str, str]:
        github = self._contexts()["github"]
        set_by_github = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            **{
                f"GITHUB_{name.upper()}": str(value)
                for name, value in github.items()
                if isinstance(value, str) and name != "token"
            },
        }
        declared: dict[str, str] = {}
        for content in (self.job.workflow.content, self.job.content, step):
            for name, value in (content.get("env") or {}).items():
                declared[name] = resolve(str(value), {**self._contexts(), "env": declared})
        return machine.environment() | set_by_github | declared | self.environment

    def _take(self, id_: str | None, said: Mapping[str, str]) -> None:
        for line in said["GITHUB_PATH"].splitlines():
            path = self.environment.get("PATH", machine.environment()["PATH"])
            self.environment["PATH"] = f"{line}:{path}"
        self.environment |= commands(said["GITHUB_ENV"])
        if id_:
            steps = self.contexts.setdefault("steps", {})
            steps[id_] = {"outputs": commands(said["GITHUB_OUTPUT"])}


def job(workflow: str, name: str, workspace: Path, **contexts: Any) -> JobRun:
    return JobRun(named(workflow).job(name), workspace, contexts)


def commands(text: str) -> dict[str, str]:
    """`name=value` lines, and values of several lines between delimiters."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, several, delimiter = line.partition("<<")
        if several and "=" not in name:
            taken: list[str] = []
            for inner in lines:
                if inner == delimiter:
                    break
                taken.append(inner)
            else:
                raise AssertionError(f"{name} has no end {delimiter!r}")
            found[name] = "\n".join(taken)
            continue
        name, equals, value = line.partition("=")
        assert equals, f"GitHub would refuse this line: {line!r}"
        found[name] = value
    return found
