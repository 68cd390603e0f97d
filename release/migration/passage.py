"""From one phase to another and back: what is looked at after each step, and what the way back needs."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.between import Between
from release.errors import ContactLostError, NoWayBackError
from release.gates_file import GatesFile
from release.health.verification import runs
from release.migration import backups, validation
from release.migration.backups import Backup
from release.migration.data_jobs import DataJobs, RestoreFailedError
from release.migration.phases import NO_PHASE
from release.migration.phases_file import PhasesFile
from release.migration.store import Store, folder
from release.migration.validation import Check, Head, Heads, Sight
from release.outside.cluster import Cluster
from release.outside.pods import Pod
from release.telling.screen import Screen
from sections.pin import Pin


@dataclass(frozen=True, kw_only=True)
class Data:
    """The data of a stack's pods, and what works on it."""

    cluster: Cluster
    jobs: DataJobs
    kept: Store | None
    """Where backups are; None where the stack declares no place for them."""
    phases: PhasesFile
    gates: GatesFile
    screen: Screen
    report: Path
    """Where the validation is kept."""

    def heads(self) -> dict[str, Head]:
        """The newest block of each pod that answers."""
        found: dict[str, Head] = {}
        for pod in self.cluster.pods():
            if head := self._ask(pod, "/chain"):
                found[pod.name] = Head.model_validate(head)
        return found

    def format(self, phase: str | None) -> int:
        """What the data of a phase is written in."""
        return self.phases.phases[phase or self.phases.order[0]].format

    @property
    def store(self) -> Store:
        """Where backups are; `NoWayBackError` where nowhere."""
        if self.kept is None:
            raise NoWayBackError(
                what="There is no place for backups, so there are none",
                where=f"namespace {self.cluster.namespace}",
                remedy="Declare one for the next time: alys:release.snapshots or .backup_volume",
            )
        return self.kept

    def backups(self) -> tuple[Backup, ...]:
        """Those that there are, the newest first."""
        return self.store.found()

    def broken(self, backup: Backup, pods: tuple[str, ...]) -> str:
        """What is wrong with the files of a backup, each read whole; nothing where all are good."""
        words = {pod: ["validate", "--archive", folder(backup.name, pod)] for pod in pods}
        with self.store.mounted(backup.name, pods) as mounts:
            ended = self.jobs.work(words, mounts)
        reports = {pod: validation.report(one.said) for pod, one in ended.items()}
        wrong = [f"{pod}: {'; '.join(one.problems)}" for pod, one in reports.items() if not one.ok]
        return "; ".join(wrong)

    @contextmanager
    def restores(self, backup: Backup, pods: tuple[str, ...], *, wait_seconds: int) -> Generator[None]:
        """Restores of pods that stand ready; `RestoreFailedError` where one could not be done."""
        sources = {pod: folder(backup.name, pod) for pod in pods}
        with (
            self.store.mounted(backup.name, pods) as mounts,
            self.jobs.restores(sources, mounts, wait_seconds=wait_seconds),
        ):
            yield

    def pods(self) -> tuple[str, ...]:
        """Names of all pods."""
        return tuple(pod.name for pod in self.cluster.pods())

    def validate(self, before: Heads, pin: Pin, *, when: str) -> list[Check]:
        """Look at every pod, read the data of those that run the pin, and keep what was found."""
        there = self.cluster.pods()
        migrated = [pod.name for pod in there if runs(pod, pin)]
        command = self._command(pin.phase)
        words = {pod: [*command, *_has(before.get(pod))] for pod in migrated}
        reports = {pod: validation.report(one.said) for pod, one in self.jobs.look(words).items()}
        heads = self.heads()
        common = min((head.height for head in heads.values()), default=0)
        seen = [
            Sight(
                pod=pod.name,
                pinned=pod.name in migrated,
                head=heads[pod.name],
                then=self._root(pod, before[pod.name].height) if pod.name in before else "",
                common=self._root(pod, common),
                flags=self._ask(pod, "/version").get("flags") or {},
                metrics=self._metrics(pod),
                report=reports.get(pod.name),
            )
            for pod in there
            if pod.name in heads
        ]
        series = [gate.series for gate in self.gates.of(pin.phase or NO_PHASE).values()]
        found = validation.checks(before, seen, pin, number=self.format(pin.phase), series=series)
        self._keep(before, heads, pin, found, when)
        return found

    def _command(self, phase: str | None) -> list[str]:
        return self.phases.phases[phase].validation if phase else ["validate"]

    def _root(self, pod: Pod, height: int) -> str:
        return str(self._ask(pod, f"/chain/{height}").get("state_root") or "")

    def _metrics(self, pod: Pod) -> str:
        try:
            return self.cluster.metrics(pod)
        except ContactLostError:
            return ""

    def _ask(self, pod: Pod, path: str) -> Mapping[str, Any]:
        try:
            return self.cluster.ask(pod, path)
        except ContactLostError:
            # A pod that doesn't answer has no head, and a height that it hasn't got no root.
            return {}

    def _keep(self, before: Heads, now: Heads, pin: Pin, found: list[Check], when: str) -> None:
        self.report.parent.mkdir(parents=True, exist_ok=True)
        kept: list[Any] = json.loads(self.report.read_text()) if self.report.exists() else []
        heads = {"before": _told(before), "now": _told(now)}
        kept.append(
            {"version": pin.version, "phase": pin.phase, "rollout": pin.rollout, "when": when}
            | {"heads": heads, "checks": [check.json for check in found]}
        )
        self.report.write_text(json.dumps(kept, indent=2) + "\n")


@dataclass(kw_only=True)
class Passage(Between):
    """One run's."""

    data: Data
    before: Heads
    """Of what is to be there all the time, and after it."""
    restore: bool
    """Whether the way back takes the data of before out of a backup."""
    wait_seconds: int
    """For how long a restore stands ready."""
    named: Backup | None = None
    """The backup; without one the newest that was made in the phase that is gone back to."""
    _unrestored: str = ""

    def after_step(self, pin: Pin) -> str:
        """What the validation finds wrong."""
        problem = validation.failed(self.data.validate(self.before, pin, when="after a step"))
        if not problem:
            self.data.screen.say("  validated: every block that was there is there")
        return problem and f"validation: {problem}"

    @contextmanager
    def going_back(self, pin: Pin) -> Generator[None]:
        """A restore stands ready for each pod whose data isn't of the phase that is gone back to."""
        phase = pin.phase or ""
        needed = [pod for pod in self.data.cluster.pods() if not pod.ready or pod.phase != phase]
        if not self.restore or not needed:
            yield
            return
        names = tuple(pod.name for pod in needed)
        backup = self._good(names, pin)
        self.data.screen.say(f"the data of {', '.join(names)} comes back from {backup.name}", "yellow")
        self.before = {**{name: backup_head(backup, name) for name in names}, **self.before}
        try:
            with self.data.restores(backup, names, wait_seconds=self.wait_seconds):
                for pod in needed:
                    # It waits for its backup, and would be tried again ever more seldom.
                    if pod.phase == phase:
                        self.data.cluster.delete(pod)
                yield
        except RestoreFailedError as error:
            self._unrestored = error.what

    def after_back(self, pin: Pin) -> str:
        """What the validation finds wrong."""
        found = self.data.validate(self.before, pin, when="after going back")
        problem = self._unrestored or validation.failed(found)
        if not problem:
            self.data.screen.say("validated: every block that was there is there", "green")
        return problem and f"validation: {problem}"

    def _good(self, names: tuple[str, ...], pin: Pin) -> Backup:
        backup = self.named or newest(self.data.backups(), names, pin)
        if broken := self.data.broken(backup, names):
            raise NoWayBackError(
                what=f"The backup {backup.name} can't be restored: {broken}",
                where=self.data.store.where,
                remedy="Restore another one:  release backups STACK",
            )
        return backup


def backup_head(backup: Backup, pod: str) -> Head:
    """The newest block of a pod's part of a whole backup."""
    manifest = backup.parts[pod].manifest
    assert manifest
    return Head(height=manifest.height, state_root=manifest.state_root, format=manifest.format)


def newest(found: tuple[Backup, ...], pods: tuple[str, ...], pin: Pin) -> Backup:
    """The newest whole backup that was made in the phase of a pin; `NoWayBackError` without one. Pure."""
    for backup in backups.good(found, pods):
        made_in = {part.manifest.phase for pod in pods if (part := backup.parts[pod]).manifest}
        if made_in == {pin.phase or ""}:
            return backup
    raise NoWayBackError(
        what=f"There is no whole backup of {', '.join(pods)} from {pin.phase or 'before the first phase'}",
        where="the backups",
        remedy="See which there are:  release backups STACK",
    )


def _has(head: Head | None) -> list[str]:
    return ["--has", str(head)] if head else []


def _told(heads: Heads) -> dict[str, Any]:
    return {pod: {"height": head.height, "state_root": head.state_root} for pod, head in heads.items()}
