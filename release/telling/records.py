"""Tells everybody about a run: GitHub's deployments, the channels, the page of the job. Never in the way."""

import getpass
import socket
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.rollout import Share
from release.gates import Finding
from release.outcome import Outcome
from release.outside import courier
from release.outside.courier import LIMIT_SECONDS, Courier
from release.past.identity import Identity
from release.telling import notices, step_summary
from release.telling.notices import Notice, Run
from release.telling.redaction import Redactor
from settings import Settings

if TYPE_CHECKING:
    from release.outside.github import Deployments
    from release.outside.notifications import Channel

_TOKEN, _REPOSITORY, _API = "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"
_TASKS = {
    "deploy": "deploy",
    "promote": "deploy",
    "migrate": "deploy",
    "rollback": "rollback",
    "restore": "rollback",
}


@dataclass(kw_only=True)
class Records:
    """Where a run is told of; without receivers it does nothing."""

    environment: Mapping[str, str]
    redactor: Redactor
    deployments: "Deployments | None" = None
    channels: "tuple[Channel, ...]" = ()
    couriers: list[Courier] = field(default_factory=list[Courier])
    sent: list[Notice] = field(default_factory=list[Notice])

    def begin(self, run: Run, steps: tuple[int, ...]) -> None:
        """Before anything is changed: a deployment in progress, and the first message."""
        notice = notices.started(run, steps)
        self._tell(notice)
        if self.deployments:
            self.deployments.mend()
            payload = {"version": run.release.version, "digest": run.release.digest or "", "stack": run.stack}
            ref = self.environment.get("GITHUB_SHA") or _commit()
            self.deployments.begin(ref=ref, description=notice.title, task=_TASKS[run.verb], payload=payload)

    def step_done(
        self, run: Run, *, step: tuple[int, int], share: Share, findings: Iterable[Finding]
    ) -> None:
        """After a step that isn't the last."""
        notice = notices.step_done(run, step=step, share=share, findings=findings)
        self._tell(notice)
        if self.deployments:
            self.deployments.say("in_progress", notice.title)

    def end(
        self,
        run: Run,
        outcome: Outcome,
        *,
        reason: str,
        back_to: Identity | None,
        findings: tuple[Finding, ...],
        seconds: float,
    ) -> None:
        """The one last message, to everybody."""
        notice = notices.ended(
            run, outcome, reason=reason, back_to=back_to, findings=findings, seconds=seconds
        )
        self._tell(notice)
        if self.deployments:
            self.deployments.end(outcome, notice.title)
        step_summary.write(self.environment, notice, findings, redactor=self.redactor)

    def close(self) -> tuple[str, ...]:
        """Let everything arrive that arrives in time; what didn't, and why."""
        courier.send_home(self.couriers)
        return tuple(failure for one in self.couriers for failure in one.failures)

    def _tell(self, notice: Notice) -> None:
        self.sent.append(notice)
        if self.channels:
            from release.outside import notifications  # noqa: PLC0415

            notifications.tell(self.channels, notice, redactor=self.redactor)


def open_records(
    environment: Mapping[str, str], settings: Settings, *, stack: str, redactor: Redactor
) -> Records:
    """The receivers that the environment names; their libraries are loaded only where there are any."""
    records = Records(environment=environment, redactor=redactor)
    if environment.get("ALYS_NOTIFY"):
        from release.outside import notifications  # noqa: PLC0415

        records.channels = notifications.from_environment(environment)
        records.couriers += [channel.courier for channel in records.channels]
    repository = environment.get(_REPOSITORY) or (settings.github.repository if settings.github else "")
    if environment.get(_TOKEN) and repository:
        from release.outside import github  # noqa: PLC0415

        place = github.Place(
            repository=repository,
            environment=stack,
            production=stack == "production",
            log_url=job(environment),
            url=(settings.github and settings.github.url) or "",
        )
        carrier = Courier(receiver="GitHub", limit=LIMIT_SECONDS)
        client = github.connect(
            token=environment[_TOKEN], api=environment.get(_API) or "https://api.github.com"
        )
        records.deployments = github.Deployments(github=client, place=place, courier=carrier)
        records.couriers.append(carrier)
    return records


def job(environment: Mapping[str, str]) -> str:
    """The page of the job in GitHub Actions; empty outside of one."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, number = (environment.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{number}" if server and number else ""


def _commit() -> str:
    """What this clone is at; the default branch where it is none."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else "main"


def who(environment: Mapping[str, str]) -> str:
    """Who runs this: the person that started the job, else the user of this machine."""
    return environment.get("GITHUB_ACTOR") or f"{getpass.getuser()}@{socket.gethostname()}"
