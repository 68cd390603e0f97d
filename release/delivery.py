"""A release, from its first step to its one end: forward in gated steps, or back to the last good one."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from components.rollout import share
from release.between import Between
from release.engine import Engine
from release.errors import NoWayBackError, ReleaseError, in_the_middle
from release.gates import Finding
from release.health import verification
from release.health.assurance import Assurance
from release.others import Others
from release.outcome import Outcome
from release.past import identity
from release.past.history import Release
from release.past.identity import Identity
from release.past.message import Action, Note
from release.plan import Plan
from release.result import Result
from release.site import Site
from release.soak import Soak, Soaked
from release.survey import Survey
from release.telling.notices import Run
from release.telling.records import job
from release.watch import Ending
from sections.pin import Pin


@dataclass(kw_only=True)
class Delivery:
    """One run; `deliver` or `go_back_to` is called once."""

    site: Site
    survey: Survey
    plan: Plan
    between: Between = field(default_factory=Between)
    _began: float = field(default_factory=time.monotonic)
    _findings: tuple[Finding, ...] = ()
    _evidence: tuple[Path, ...] = ()
    _changed: bool = False
    """Whether the stack file is as this run wrote it."""
    _arrived: bool = False
    """Whether what was to run runs on all the pods that it was for."""

    def __post_init__(self) -> None:
        self._others = Others(site=self.site, cluster=self.survey.cluster, latest=self.survey.ledger.latest)
        self._engine = Engine(
            site=self.site, cluster=self.survey.cluster, whole=not self.survey.state.released
        )
        self._assurance = Assurance(site=self.site, cluster=self.survey.cluster, others=self._others)
        before = self.survey.ledger.running
        self._about = Run(
            stack=self.site.stack.name,
            verb=self.plan.verb,
            release=identity.of(self.plan.pin),
            before=before.identity if before else None,
            by=self.site.by,
            url=job(self.site.environment),
        )

    def deliver(self) -> Result:
        """Bring the plan's pin out step by step; whatever fails, go back to the last good release."""
        return self._whole(self._go_forward, self.plan.steps)

    def go_back_to(self, target: Release) -> Result:
        """Leave what runs for a release that was good."""
        note = Note(action="rollback", left=self._about.before, reason=self.plan.message)
        return self._whole(lambda: self._return_to(target, note, reason=self.plan.message), ())

    def _whole(self, work: Callable[[], Result], steps: tuple[int, ...]) -> Result:
        """From the first message to the last, whatever happens between them."""
        with self.site.signals:
            self.site.records.begin(self._about, steps)
            try:
                return work()
            except (ReleaseError, OSError) as error:
                # What is refused before a run is lost in the middle of one: the backend, the disk.
                closed = isinstance(error, NoWayBackError)
                outcome = Outcome.ROLLBACK_FAILED if closed else Outcome.UNKNOWN
                return self._lost(in_the_middle(error), outcome)

    def _go_forward(self) -> Result:
        self._others.look()
        for number, percent in enumerate(self.plan.steps, start=1):
            if failed := self._step(number, percent):
                return failed
        self._arrived = True
        if problem := self._assurance.problem(self._pin(self.plan.steps[-1])):
            return self._failed(Ending(succeeded=False, reason=f"after the last step {problem}"))
        return self._end(Outcome.DONE)

    def _step(self, number: int, percent: int) -> Result | None:
        site, steps, pin = self.site, len(self.plan.steps), self._pin(percent)
        if self._others.at_work():
            return self._stand_down()
        reached = share(site.release.replicas, percent)
        site.screen.begin(f"step {number} of {steps}: {pin.version} on {reached}")
        note = Note(action=self.plan.action, step=(number, steps), retry=self.plan.retry)
        ending = self._engine.update(pin, self._title(f"{pin.version} on {percent} %"), note)
        self._changed = self._changed or not ending.locked
        if not ending.succeeded:
            if not ending.locked:
                self._others.look()
            return self._failed(ending)
        self._others.seen()
        site.screen.say(f"step {number} of {steps}: {pin.version} runs on {reached}", "green")
        if problem := self.between.after_step(pin):
            return self._failed(Ending(succeeded=False, reason=problem))
        soaked = self._soak(pin)
        self._findings = soaked.findings or self._findings
        if not soaked.passed:
            ending = Ending(succeeded=False, reason=soaked.reason, evidence=soaked.evidence)
            return self._failed(ending, blamed=soaked.blamed)
        if number < steps:
            site.records.step_done(self._about, step=(number, steps), share=reached, findings=soaked.findings)
        return None

    def _soak(self, pin: Pin) -> Soaked:
        cluster = self._engine.cluster or self.site.cluster()
        if self.plan.ask is None or cluster is None:
            return Soaked(passed=True)
        soak = Soak(
            cluster=cluster,
            gates=self.plan.gates,
            version=pin.version,
            ask=self.plan.ask,
            seconds=self.plan.soak_seconds,
            patience_seconds=self.plan.patience_seconds,
            signals=self.site.signals,
            screen=self.site.screen,
            evidence=self._engine.evidence,
            mine=lambda pod: verification.runs(pod, pin),
        )
        soaked = soak.run()
        for finding in soaked.findings:
            self.site.screen.say(f"  {finding}", "" if soaked.passed else "yellow")
        return soaked

    def _failed(self, ending: Ending, *, blamed: bool = True) -> Result:
        """Back to the last good release, unless another run has taken the stack over.

        Where nothing is to blame the release itself may be the last good one: it ran before this run did.
        """
        self._evidence, self._arrived = self._evidence + ending.evidence, False
        self.site.screen.rest()
        if ending.hung:
            return self._lost(ending.reason, Outcome.UNKNOWN)
        if ending.locked or self._others.at_work():
            return self._stand_down(locked=ending.locked)
        cancelled = bool(self.site.signals.cancelled)
        stays = self._about.release == self._about.before and (cancelled or not blamed)
        target = self._good_before() if stays else None
        target = target or self._others.ledger().last_good(besides=self._about.release)
        action: Action = "withdraw" if cancelled else "rollback"
        note = Note(action=action, left=self._about.release, reason=ending.reason)
        if target is None:
            return self._nothing_to_go_back_to(ending.reason, cancelled=cancelled)
        return self._return_to(target, note, reason=ending.reason)

    def _return_to(self, target: Release, note: Note, *, reason: str) -> Result:
        site, pin = self.site, target.pin.model_copy(update={"rollout": 100})
        site.screen.begin(f"going back to {target.identity.short}")
        title = self._title(f"Back to {pin.version}{f': {reason}' if reason else ''}")
        with self.between.going_back(pin):
            if self._engine.cluster and self._engine.cluster.unfinished:
                # A killed update has put nothing back, and Helm refuses the next one until it is ended.
                self._engine.cluster.restore(site.environment)
            ending = self._engine.update(pin, title, note, going_back=True)
        self._changed = self._changed or not ending.locked
        site.screen.rest()
        if ending.locked or site.signals.stand_down:
            return self._stand_down(locked=ending.locked)
        went_well = Outcome.ROLLED_BACK if self.plan.forward else Outcome.DONE
        if site.signals.cancelled and note.action == "withdraw":
            went_well = Outcome.CANCELLED
        if not ending.succeeded:
            self._evidence = self._evidence + ending.evidence
            outcome = Outcome.UNKNOWN if ending.hung else Outcome.ROLLBACK_FAILED
            return self._end(outcome, reason=_joined(reason, f"going back failed: {ending.reason}"))
        self._others.look()
        if problem := self._assurance.problem(pin) or self.between.after_back(pin):
            if self._others.at_work():
                return self._stand_down()
            return self._end(Outcome.ROLLBACK_FAILED, reason=_joined(reason, f"after going back {problem}"))
        return self._end(went_well, reason=reason, back_to=target.identity)

    def _nothing_to_go_back_to(self, reason: str, *, cancelled: bool) -> Result:
        if self.site.settings.pin:
            self.site.file.write(self.site.settings.pin)
        outcome = Outcome.CANCELLED if cancelled else Outcome.ROLLBACK_FAILED
        return self._end(outcome, reason=_joined(reason, "there is no good release to go back to"))

    def _stand_down(self, *, locked: bool = False) -> Result:
        """End without touching what another run is at work on."""
        if locked and not self._changed:
            return self._end(Outcome.LOCK_HELD, reason="another update holds the stack")
        self._unpin(self.site.settings.pin)
        self._changed = False
        return self._end(Outcome.CANCELLED, reason="another run has taken the stack over")

    def _lost(self, reason: str, outcome: Outcome) -> Result:
        """End without knowing what runs."""
        good = self._good_before()
        pin = good.pin.model_copy(update={"rollout": 100}) if good else self.site.settings.pin
        # Data that has entered a phase is left by a run of its own.
        if not self._arrived and pin and pin.phase == self.plan.pin.phase:
            self._unpin(pin)
        return self._end(outcome, reason=reason)

    def _unpin(self, pin: Pin | None) -> None:
        """Take a release that was not seen through out of the file again, where it is still there."""
        with suppress(ReleaseError, OSError):
            if pin and self.plan.forward and identity.of(self.site.file.read()) == self._about.release:
                self.site.file.write(pin)

    def _good_before(self) -> Release | None:
        return self.survey.ledger.last_good()

    def _title(self, otherwise: str) -> str:
        return self.plan.message or otherwise

    def _pin(self, percent: int) -> Pin:
        return self.plan.pin.model_copy(update={"rollout": percent})

    def _end(self, outcome: Outcome, *, reason: str = "", back_to: Identity | None = None) -> Result:
        site = self.site
        site.screen.rest()
        seconds = time.monotonic() - self._began
        site.records.end(
            self._about, outcome, reason=reason, back_to=back_to, findings=self._findings, seconds=seconds
        )
        runs = back_to or (self._about.release if outcome is Outcome.DONE else None)
        now = site.file.read()
        return Result(
            stack=site.stack.name,
            verb=self.plan.verb,
            run=site.run,
            outcome=outcome,
            release=self._about.release,
            before=self._about.before,
            runs=runs,
            share=str(share(site.release.replicas, now.rollout)),
            reason=reason,
            findings=self._findings,
            evidence=self._evidence,
            seconds=seconds,
            file_changed=site.file.name if self._changed and now != site.settings.pin else "",
            undelivered=(),
        )


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)
