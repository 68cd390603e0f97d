"""A pretended engine and cluster that follow the stack file, so that whole runs take no time.

The real ones are in tests/engine/test_driver.py; what they do in each case was taken from there.
"""

import copy
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from components.feature_flags import feature_flags
from components.rollout import share
from release.locking.locks import Lock
from release.outside.cluster import HelmRevision
from release.outside.pods import Pod, Revisions
from release.outside.state import State
from release.past.history import releases
from release.project import Project
from release.signals import Signals
from release.site import Site
from release.stack_file import StackFile
from release.telling.records import Records
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from settings import load
from tests.release.histories import BEGAN, entry

REPLICAS = 4
FILE = """\
config:
  alys:version: v1.0.0
  alys:rollout: 100
  alys:flags: {}
  # Where it runs.
  alys:release:
    image: localhost:5055/alys/node
    context: alys-local
    replicas: 4
"""


@dataclass
class FakeUpdate:
    """An update that has ended before anybody looks."""

    code: int
    said: str = ""
    interrupted: bool = False
    locks: tuple[Lock, ...] = ()
    locked: bool = False
    pid: int = 1

    def wait(self, _: float) -> bool:
        return True

    def interrupt(self) -> None:
        self.interrupted = True


@dataclass
class World:
    """What runs, and how the updates to come will end."""

    folder: Path
    script: list[str] = field(default_factory=list)
    """For each update in turn: `ok`, `fail` or `lock`; `ok` from there on."""
    entries: list[dict[str, Any]] = field(default_factory=list)
    pods: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Version and flags' digest by ordinal."""
    unfinished: bool = False
    """Whether Helm began something that a killed update left."""
    restored: int = 0
    helm: int = 1
    """The newest revision of the Helm release."""
    updates: list[str] = field(default_factory=list)
    """The messages of all updates that were begun."""

    def __post_init__(self) -> None:
        self.file = StackFile(stack="local", folder=self.folder)
        self.file.path.write_text(FILE)
        self.apply()
        self.entries.append(self._entry("succeeded", "by hand"))

    def site(self, *, signals: Signals | None = None) -> Site:
        redactor = Redactor()
        return Site(
            project=Project(folder=self.folder),
            stack=FakeStack(self),  # type: ignore[arg-type]
            file=self.file,
            settings=load(self.file.path),
            records=Records(environment={}, redactor=redactor),
            screen=Screen(stream=StringIO(), redactor=redactor),
            signals=signals or Signals(),
            redactor=redactor,
            environment={},
            run="run-1",
            by="ada",
        )

    def update(self, message: str) -> FakeUpdate:
        outcome = self.script.pop(0) if self.script else "ok"
        if outcome == "lock":
            return FakeUpdate(code=255, locked=True, said="the stack is currently locked by 1 lock(s).")
        self.updates.append(message)
        self.helm += 1
        if outcome == "ok":
            self.apply()
        self.entries.append(self._entry("succeeded" if outcome == "ok" else "failed", message))
        return FakeUpdate(code=0 if outcome == "ok" else 255, said="error: Helm release failed")

    def versions(self) -> list[str]:
        return [self.pods[number][0] for number in range(REPLICAS)]

    def apply(self) -> None:
        pin = self.file.read()
        reached = share(REPLICAS, pin.rollout).pods
        for number in range(REPLICAS):
            if number >= REPLICAS - reached or number not in self.pods:
                self.pods[number] = (pin.version, feature_flags(pin).digest)

    def _entry(self, result: str, message: str) -> dict[str, Any]:
        pin = self.file.read()
        flags = {name: flag.value for name, flag in pin.flags.items()}
        made = entry(pin.version, at=len(self.entries), percent=pin.rollout, result=result, flags=flags)
        return made | {"message": message}


@dataclass
class FakeStack:
    world: World
    name: str = "local"
    backend: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def history(self):
        return releases(copy.deepcopy(self.world.entries))

    def state(self) -> State:
        return State(deployment={})

    def update(self, message: str, *, log: Path, whole: bool) -> FakeUpdate:
        return self.world.update(message)


@dataclass
class FakeCluster:
    """Pods that are always ready, unless they are told otherwise."""

    world: World
    namespace: str = "alys-local"
    kube: Any = field(default_factory=lambda: SimpleNamespace(entrance="context alys-local"))
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is otherwise, by name of the pod."""
    deleted: list[str] = field(default_factory=list)
    generation: int = 1

    def delete(self, pod: Pod) -> None:
        self.deleted.append(pod.name)

    def pods(self) -> tuple[Pod, ...]:
        return tuple(replace(pod, **self.changed.get(pod.name, {})) for pod in self._pods())

    def _pods(self) -> tuple[Pod, ...]:
        return tuple(
            Pod(
                name=f"alys-node-{number}",
                uid=f"{number}-{version}",
                version=version,
                flags=flags,
                revision=version,
                ready=True,
                leaving=False,
                restarts=0,
                waiting="",
                detail="",
                digest="sha256:" + "a" * 64,
            )
            for number, (version, flags) in sorted(self.world.pods.items())
        )

    def revisions(self) -> Revisions:
        return Revisions(
            current="old", update="new", partition=0, replicas=4, generation=self.generation, observed=True
        )

    def smoke_test(self) -> None:
        return None

    @property
    def unfinished(self) -> bool:
        return bool(self.world.unfinished)

    def restore(self, _: Any) -> None:
        self.world.unfinished = False
        self.world.helm += 1
        self.world.restored += 1
        self.world.apply()

    def helm(self) -> tuple[HelmRevision, ...]:
        return (HelmRevision(number=self.world.helm, status="deployed", began=BEGAN),)

    def secrets(self) -> frozenset[str]:
        return frozenset({"the node's own key"})

    def events(self) -> list[dict[str, Any]]:
        return []

    def log(self, pod: str, *, previous: bool = False) -> str:
        return f"{pod} says so"

    def ask(self, pod: Pod, path: str) -> dict[str, Any]:
        return {"version": pod.version, "flags": {}}
