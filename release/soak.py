"""The time after a step: the new pods are watched, and at its end the gates are asked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from release import gates
from release.errors import ContactLostError
from release.evidence import Evidence
from release.gates import Ask, Finding, Scope, Verdict
from release.gates_file import Gate
from release.outside.cluster import Cluster
from release.outside.pods import Pod
from release.signals import Signals
from release.telling.screen import Screen

LOOK_SECONDS = 1.0
ASK_SECONDS = 5.0
SHORTEST_WINDOW_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """What came of it; only `passed` promotes."""

    passed: bool
    reason: str = ""
    blamed: bool = True
    """False where nothing says that the release is bad: its gates could not tell, or a signal ended it."""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Path, ...] = ()


@dataclass(kw_only=True)
class Soak:
    """One step's."""

    cluster: Cluster
    gates: Mapping[str, Gate]
    version: str
    ask: Ask
    seconds: float
    patience_seconds: float
    signals: Signals
    screen: Screen
    evidence: Evidence
    mine: Callable[[Pod], bool]
    """Whether a pod runs what is released."""

    def run(self) -> Soaked:
        """Watch, then ask until the gates pass, fail, or patience is over; a signal ends it too."""
        began = time.monotonic()
        restarts = {pod.uid: pod.restarts for pod in self._pods()}
        findings: tuple[Finding, ...] = ()
        asked, last = 0.0, False
        while not self.signals.any:
            elapsed = time.monotonic() - began
            if crashed := self._crashed(restarts):
                self.evidence.save(self.cluster, [crashed])
                reason = f"{crashed.name} {crashed.trouble or 'restarted'} while it was watched"
                return Soaked(passed=False, reason=reason, findings=findings, evidence=self.evidence.files)
            over = elapsed >= self.seconds
            if elapsed - asked >= ASK_SECONDS or (over and not last):
                asked, last, findings = elapsed, over, self._find(elapsed)
                if over and (ended := self._judge(findings, elapsed)):
                    return ended
            self.screen.soaking(self.seconds - elapsed, findings)
            self.signals.sleep(LOOK_SECONDS if over else min(LOOK_SECONDS, max(0.05, self.seconds - elapsed)))
        return Soaked(passed=False, reason=self.signals.said, blamed=False, findings=findings)

    def _judge(self, findings: tuple[Finding, ...], elapsed: float) -> Soaked | None:
        verdict = gates.overall(findings)
        if verdict is Verdict.PASS:
            return Soaked(passed=True, findings=findings)
        waited = elapsed - self.seconds
        if verdict is not Verdict.FAIL and waited < self.patience_seconds:
            return None
        worst = next(finding for finding in findings if finding.verdict is verdict)
        asked = f", and so for {waited:.0f} s" if verdict is not Verdict.FAIL else ""
        self.evidence.save(self.cluster, [pod for pod in self._pods() if self.mine(pod)])
        return Soaked(
            passed=False,
            reason=f"gate {worst}{asked}",
            blamed=verdict is Verdict.FAIL,
            findings=findings,
            evidence=self.evidence.files,
        )

    def _find(self, elapsed: float) -> tuple[Finding, ...]:
        # Samples from before the version ran say nothing of it, so a window is never longer than it has run.
        window = max(SHORTEST_WINDOW_SECONDS, int(elapsed))
        scope = Scope(namespace=self.cluster.namespace, version=self.version, window_seconds=window)
        return gates.check(dict(self.gates), scope, ask=self.ask)

    def _crashed(self, restarts: Mapping[str, int]) -> Pod | None:
        there = self._pods()
        self.screen.pods(there)
        mine = [pod for pod in there if self.mine(pod) or not pod.digest]
        return next(
            (pod for pod in mine if pod.trouble or pod.restarts > restarts.get(pod.uid, pod.restarts)), None
        )

    def _pods(self) -> tuple[Pod, ...]:
        try:
            return self.cluster.pods()
        except ContactLostError as error:
            self.screen.trouble(error.what)
            return ()
