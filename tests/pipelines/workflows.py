"""Every workflow file of this repository, read as GitHub reads it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / ".github" / "workflows", ROOT / "pipelines")
_USES = re.compile(r"^\s*(?:- )?uses:\s*(?P<what>[^\s#]+)(?:\s+#\s*(?P<comment>\S+))?\s*$", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans: `on` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Use:
    """An action or a reusable workflow, as a line of a file names it."""

    what: str
    comment: str | None

    @property
    def local(self) -> bool:
        return self.what.startswith("./")

    @property
    def action(self) -> str:
        """`owner/repository`, without the folder in it."""
        return "/".join(self.what.partition("@")[0].split("/")[:2])

    @property
    def commit(self) -> str:
        return self.what.partition("@")[2]


@dataclass(frozen=True)
class Step:
    job: "Job"
    content: dict[str, Any]

    @property
    def name(self) -> str:
        return self.content.get("name", "")

    @property
    def run(self) -> str | None:
        return self.content.get("run")

    @property
    def id(self) -> str:
        """What a test names it by: `file/job/step`."""
        return f"{self.job.workflow.name}/{self.job.name}/{self.name}"


@dataclass(frozen=True)
class Job:
    workflow: "Workflow"
    name: str
    content: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.workflow.name}/{self.name}"

    @property
    def calls(self) -> str | None:
        """The reusable workflow, where the job is a call of one."""
        return self.content.get("uses")

    @property
    def steps(self) -> list[Step]:
        return [Step(self, content) for content in self.content.get("steps", [])]

    @property
    def needs(self) -> set[str]:
        needs = self.content.get("needs", [])
        return {needs} if isinstance(needs, str) else set(needs)

    @property
    def may_write(self) -> set[str]:
        permissions = self.content.get("permissions") or {}
        return {scope for scope, access in permissions.items() if access == "write"}

    def step(self, name: str) -> Step:
        found = [step for step in self.steps if step.name == name]
        assert len(found) == 1, f"{len(found)} steps are called {name!r} in {self.id}"
        return found[0]


@dataclass(frozen=True)
class Workflow:
    path: Path
    content: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix().removeprefix(".github/workflows/")

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def triggers(self) -> dict[str, Any]:
        on = self.content["on"]
        return {on: None} if isinstance(on, str) else dict.fromkeys(on) if isinstance(on, list) else on

    @property
    def jobs(self) -> list[Job]:
        return [Job(self, name, content) for name, content in self.content["jobs"].items()]

    @property
    def uses(self) -> list[Use]:
        return [Use(found["what"], found["comment"]) for found in _USES.finditer(self.text)]

    def job(self, name: str) -> Job:
        return Job(self, name, self.content["jobs"][name])


def every() -> list[Workflow]:
    """All of them, the reusable ones first."""
    files = [path for folder in FOLDERS for path in sorted(folder.glob("*.y*ml"))]
    return [read(path) for path in files]


def callers() -> list[Workflow]:
    return [workflow for workflow in every() if workflow.path.parent == ROOT / "pipelines"]


def reusable() -> list[Workflow]:
    return [workflow for workflow in every() if "workflow_call" in workflow.triggers]


def read(path: Path) -> Workflow:
    return Workflow(path, yaml.load(path.read_text(), Loader=_Loader))  # noqa: S506  a safe one


def named(name: str) -> Workflow:
    found = [workflow for workflow in every() if workflow.name == name]
    assert found, f"there is no workflow {name}"
    return found[0]


def steps_that_run() -> list[Step]:
    return [step for workflow in every() for job in workflow.jobs for step in job.steps if step.run]
