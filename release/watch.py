"""Watches an update's pods, and ends an update that has no hope, so that nobody waits for its timeout."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from release.errors import ContactLostError
from release.evidence import Evidence
from release.locking.locks import Lock
from release.outside import pods
from release.outside.cluster import Cluster
from release.outside.pods import Pod, Revisions, at
from release.outside.stack import Update
from release.signals import Signals
from release.telling.screen import Screen

T = TypeVar("T")
LOOK_SECONDS = 0.5
_REASON_AT_MOST = 300
_UNSAID = "the update failed, and the engine does not say why"
_KILLED_AFTER_SECONDS = 180
"""An update that was interrupted and still runs after so long doesn't answer any more."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an update ended."""

    succeeded: bool
    reason: str = ""
    """Why it failed, for people."""
    locked: bool = False
    """It never began: another update holds the stack."""
    locks: tuple[Lock, ...] = ()
    """What it was refused for."""
    hung: bool = False
    """It didn't even answer to an interrupt, so nobody knows what it has done."""
    evidence: tuple[Path, ...] = ()


@dataclass(kw_only=True)
class Watch:
    """One update under watch."""

    update: Update
    cluster: Cluster | None
    """None where there is none yet: the update makes it."""
    signals: Signals
    screen: Screen
    evidence: Evidence
    limit_seconds: float
    """After so long the update is interrupted, whatever it waits for."""
    going_back: bool = False
    """Then nothing ends it but the limit and who takes the stack over, and pods in its way are deleted."""
    _reason: str = ""
    _before: Revisions | None = None
    _deleted: set[str] = field(default_factory=set[str])
    _smoke_test: str = ""

    def run(self) -> Ending:
        """Watch until the update has ended."""
        self._before = self._ask(lambda cluster: cluster.revisions())
        self._smoke_test = self._smoke_test_uid()
        over = time.monotonic() + self.limit_seconds
        while not self.update.wait(LOOK_SECONDS):
            if time.monotonic() > over + _KILLED_AFTER_SECONDS:
                self.update.kill()
                return Ending(succeeded=False, hung=True, reason="the update hangs and was killed")
            if time.monotonic() > over:
                self._end(f"no end after {self.limit_seconds:.0f} s")
            if self.signals.stand_down or (self.signals.any and not self.going_back):
                self._end(self.signals.said)
            self._look()
        return self._ending()

    def _look(self) -> None:
        seen = self._ask(lambda cluster: (cluster.revisions(), cluster.pods()))
        found, there = seen or (None, ())
        if found is None:
            return
        self.screen.pods(there)
        if self.going_back or self.update.interrupted:
            self._clear(there, found)
        elif self._new(found) and (lost := pods.hopeless(there, update=found.update)):
            self._save(lost)
            self._end(f"{lost[0].name} {lost[0].trouble}")

    def _new(self, found: Revisions) -> bool:
        # Until Helm has applied it, the revision that is called new is the one from before.
        return found.observed and (self._before is None or found.generation > self._before.generation)

    def _clear(self, there: tuple[Pod, ...], found: Revisions) -> None:
        for pod in pods.blocking(there, found):
            if pod.uid not in self._deleted and self.cluster:
                self._deleted.add(pod.uid)
                self._save((pod,))
                self._ask(lambda cluster, pod=pod: cluster.delete(pod))
                self.screen.say(f"deleted {pod.name}, which {pod.trouble} and stood in the way")

    def _end(self, reason: str) -> None:
        if not self.update.interrupted:
            self._reason = reason
            self.screen.say(f"{reason}: ending the update, Helm puts the old version back")
            self.update.interrupt()

    def _save(self, failed: tuple[Pod, ...]) -> None:
        if self.cluster:
            self.evidence.save(self.cluster, failed)

    def _ending(self) -> Ending:
        # An update that was interrupted too late has succeeded all the same.
        if self.update.code == 0:
            return Ending(succeeded=True)
        if self.update.locked:
            return Ending(
                succeeded=False, locked=True, locks=self.update.locks, reason="another update holds the stack"
            )
        reason = self._reason or self._failed_smoke_test() or why(self.update.said)
        return Ending(succeeded=False, reason=reason, evidence=self.evidence.files)

    def _failed_smoke_test(self) -> str:
        pod = self._ask(lambda cluster: cluster.smoke_test())
        if not pod or not self.cluster or _uid(pod) == self._smoke_test:
            return ""
        status = at(pod, "status")
        if status.get("phase") == "Succeeded":
            return ""
        self.evidence.save_events(self.cluster)
        said = self.evidence.save_smoke_test(self.cluster)
        if status.get("phase") != "Failed" or status.get("reason") == "DeadlineExceeded":
            return "the smoke test did not end in its time"
        return f"the smoke test failed{said and f': {said}'}"

    def _smoke_test_uid(self) -> str:
        pod = self._ask(lambda cluster: cluster.smoke_test())
        return _uid(pod) if pod else ""

    def _ask(self, question: Callable[[Cluster], T]) -> T | None:
        if self.cluster is None:
            return None
        try:
            return question(self.cluster)
        except ContactLostError as error:
            self.screen.trouble(error.what)
            return None


def _uid(pod: Mapping[str, Any]) -> str:
    return str(pod["metadata"]["uid"])


def why(said: str) -> str:
    """The engine's own reason, out of all that it printed."""
    # A provider's error says how many there are, and then each with a star; Helm's has its cause last.
    lines = [line.strip() for line in said.splitlines()]
    starred = [line.removeprefix("* ") for line in lines if line.startswith("* ")]
    errors = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    reasons = starred or [error for error in errors if not error.startswith(("update failed", "1 error"))]
    return reasons[0].rpartition("due to atomic being set: ")[2][:_REASON_AT_MOST] if reasons else _UNSAID
