"""GitHub deployments: who looks at the repository sees what is being released, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import httpx
from githubkit import GitHub, TokenAuthStrategy
from githubkit.exception import GitHubException, RateLimitExceeded, RequestFailed
from githubkit.typing import RetryOption

from release.outcome import Outcome
from release.outside.courier import LIMIT_SECONDS, Courier

State = Literal["error", "failure", "inactive", "in_progress", "success"]
STATES: Mapping[Outcome, State] = {
    Outcome.DONE: "success",
    Outcome.ROLLED_BACK: "failure",
    Outcome.ROLLBACK_FAILED: "failure",
    Outcome.REFUSED: "error",
    Outcome.USAGE: "error",
    Outcome.LOCK_HELD: "error",
    Outcome.CANCELLED: "error",
    Outcome.UNKNOWN: "error",
    Outcome.GATE_FAILED: "failure",
    Outcome.GATE_UNKNOWN: "failure",
    Outcome.DRIFTED: "failure",
    Outcome.NO_WAY_BACK: "failure",
    Outcome.NOT_WELL: "error",
}
"""`failure` is said of the release, `error` of the run."""
_UNFINISHED = {"queued", "pending", "in_progress", "waiting"}
_LOOKED_BACK = 10
_DESCRIPTION_AT_MOST = 140
_WORTH_WAITING_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where deployments are recorded."""

    repository: str
    """`owner/name`."""
    environment: str
    production: bool = False
    log_url: str = ""
    """Of the run that deploys."""
    url: str = ""
    """Where what was deployed can be seen."""

    @property
    def split(self) -> tuple[str, str]:
        """Owner and name."""
        owner, _, name = self.repository.partition("/")
        return owner, name


class Deployments:
    """A run's deployment in GitHub; every call returns at once, and a failing GitHub changes nothing."""

    def __init__(self, *, github: GitHub[TokenAuthStrategy], place: Place, courier: Courier) -> None:
        self._github = github
        self._place = place
        self._courier = courier
        self._id: int | None = None

    def mend(self) -> None:
        """Say that deployments are over which a killed run left in progress; only while we hold the stack."""
        self._send("mending old deployments", self._mend)

    def begin(self, *, ref: str, description: str, task: str = "deploy", payload: Mapping[str, str]) -> bool:
        """Record a deployment of a commit before anything is changed; False without an answer in time.

        `payload` is public to whoever may read the repository.
        """
        self._send("the deployment", lambda: self._create(ref, description, task, payload))
        self.say("in_progress", description)
        return self._courier.wait()

    def say(self, state: State, description: str) -> None:
        """Set the deployment's state."""
        self._send(f"deployment state {state}", lambda: self._status(self._id, state, description))

    def end(self, outcome: Outcome, description: str) -> None:
        """Set the last state; a success takes the place of the deployments before it."""
        self.say(STATES[outcome], description)
        if outcome is Outcome.DONE:
            self._send("retiring older deployments", self._retire)

    def _send(self, what: str, call: Callable[[], None]) -> None:
        def deliver() -> None:
            try:
                call()
            except RequestFailed as error:
                raise ConnectionError(f"GitHub answered HTTP {error.response.status_code}") from None

        self._courier.send(what, deliver)

    def _create(self, ref: str, description: str, task: str, payload: Mapping[str, str]) -> None:
        created = self._github.rest.repos.create_deployment(
            *self._place.split,
            ref=ref,
            task=task,
            # The pipeline has checked the commit; merging and waiting are not this record's business.
            auto_merge=False,
            required_contexts=[],
            payload=dict(payload),
            environment=self._place.environment,
            production_environment=self._place.production,
            description=description[:_DESCRIPTION_AT_MOST],
        )
        self._id = created.parsed_data.id

    def _status(self, deployment: int | None, state: State, description: str) -> None:
        if deployment is None:
            raise LookupError("GitHub has no deployment to say it of")
        self._github.rest.repos.create_deployment_status(
            *self._place.split,
            deployment,
            state=state,
            description=description[:_DESCRIPTION_AT_MOST],
            environment=self._place.environment,
            log_url=self._place.log_url,
            environment_url=self._place.url,
            auto_inactive=False,
        )

    def _older(self) -> list[tuple[int, str]]:
        """Deployments of this environment but for this run's, with their newest state."""
        repos = self._github.rest.repos
        found = repos.list_deployments(
            *self._place.split, environment=self._place.environment, per_page=_LOOKED_BACK
        ).parsed_data
        older = [deployment.id for deployment in found if deployment.id != self._id]
        states = [
            repos.list_deployment_statuses(*self._place.split, number, per_page=1).parsed_data
            for number in older
        ]
        return [
            (number, said[0].state if said else "pending") for number, said in zip(older, states, strict=True)
        ]

    def _retire(self) -> None:
        # GitHub's own auto_inactive leaves production environments out.
        for number, state in self._older():
            if state == "success":
                self._status(number, "inactive", "Another release took its place")

    def _mend(self) -> None:
        for number, state in self._older():
            if state in _UNFINISHED:
                self._status(number, "error", "Its run ended without saying how")


def connect(
    *,
    token: str,
    api: str = "https://api.github.com",
    limit: float = LIMIT_SECONDS,
    transport: httpx.BaseTransport | None = None,
) -> GitHub[TokenAuthStrategy]:
    """A client that gives up in time; `api` is another one for GitHub Enterprise."""
    return GitHub(
        TokenAuthStrategy(token),
        base_url=api,
        timeout=limit,
        auto_retry=_retry,
        http_cache=False,
        transport=transport,
        user_agent="alys-release",
    )


def _retry(error: GitHubException, tried: int) -> RetryOption:
    """Once, where GitHub asks for a pause that is worth it."""
    if tried or not isinstance(error, RateLimitExceeded):
        return RetryOption(do_retry=False)
    # A pause of nothing is none to githubkit, which then waits for a minute.
    pause = max(error.retry_after, timedelta(milliseconds=100))
    return RetryOption(do_retry=pause.total_seconds() <= _WORTH_WAITING_SECONDS, retry_after=pause)
