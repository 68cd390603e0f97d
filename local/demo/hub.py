"""A stand-in for GitHub's deployments: what was recorded, answered in GitHub's own form.

The form is that of https://docs.github.com/en/rest/deployments; only what a release driver asks is here.
"""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

NAME = "alys-stand-in"
STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
_PER_PAGE = 30


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment that was created."""

    number: int
    repository: str
    environment: str
    ref: str
    task: str
    description: str
    payload: Mapping[str, Any]
    production: bool
    at: str


@dataclass(frozen=True, kw_only=True)
class State:
    """What was said of a deployment."""

    number: int
    deployment: int
    state: str
    description: str
    log_url: str
    environment_url: str
    at: str


class Refusal(Exception):  # noqa: N818  no error of ours
    """What GitHub would not take."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(kw_only=True)
class Hub:
    """Any repository's deployments, kept in a list that others may add to."""

    url: str
    received: list[Any] = field(default_factory=list[Any])

    def answer(
        self, method: str, words: list[str], query: Mapping[str, str], body: Mapping[str, Any]
    ) -> tuple[HTTPStatus, object]:
        """GitHub's answer to a request for a path of these words; raises `Refusal`."""
        match method, words:
            case "POST", ["repos", owner, name, "deployments"]:
                made = self._deploy(f"{owner}/{name}", body)
                return HTTPStatus.CREATED, self._shown(made)
            case "GET", ["repos", owner, name, "deployments"]:
                return HTTPStatus.OK, self._deployments(f"{owner}/{name}", query)
            case "POST", ["repos", owner, name, "deployments", number, "statuses"]:
                deployment = self._find(f"{owner}/{name}", number)
                return HTTPStatus.CREATED, self._status(deployment, self._say(deployment, body))
            case "GET", ["repos", owner, name, "deployments", number, "statuses"]:
                return HTTPStatus.OK, self._statuses(self._find(f"{owner}/{name}", number), query)
            case _:
                raise Refusal(HTTPStatus.NOT_FOUND, "Not Found")

    def _deploy(self, repository: str, body: Mapping[str, Any]) -> Deployment:
        if not body.get("ref"):
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, 'Invalid request.\n\n"ref" wasn\'t supplied.')
        made = Deployment(
            number=len(self.received) + 1,
            repository=repository,
            environment=body.get("environment") or "production",
            ref=body["ref"],
            task=body.get("task") or "deploy",
            description=body.get("description") or "",
            payload=body.get("payload") or {},
            production=bool(body.get("production_environment")),
            at=_now(),
        )
        self.received.append(made)
        return made

    def _say(self, deployment: Deployment, body: Mapping[str, Any]) -> State:
        if body.get("state") not in STATES:
            raise Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"Invalid request.\n\n{body.get('state')} is no state."
            )
        said = State(
            number=len(self.received) + 1,
            deployment=deployment.number,
            state=body["state"],
            description=body.get("description") or "",
            log_url=body.get("log_url") or "",
            environment_url=body.get("environment_url") or "",
            at=_now(),
        )
        self.received.append(said)
        return said

    def _find(self, repository: str, number: str) -> Deployment:
        for one in self.received:
            if isinstance(one, Deployment) and (one.repository, str(one.number)) == (repository, number):
                return one
        raise Refusal(HTTPStatus.NOT_FOUND, "Not Found")

    def _deployments(self, repository: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        asked: dict[str, Callable[[Deployment], str]] = {
            "environment": lambda d: d.environment,
            "ref": lambda d: d.ref,
            "task": lambda d: d.task,
            "sha": lambda d: _sha(d.ref),
        }
        found = [
            one
            for one in reversed(self.received)
            if isinstance(one, Deployment)
            and one.repository == repository
            and all(query.get(key, "none") in {"none", read(one)} for key, read in asked.items())
        ]
        return [self._shown(one) for one in _page(found, query)]

    def _statuses(self, deployment: Deployment, query: Mapping[str, str]) -> list[dict[str, Any]]:
        return [self._status(deployment, one) for one in _page(self._said(deployment), query)]

    def _said(self, deployment: Deployment) -> list[State]:
        """The newest first."""
        states = [one for one in reversed(self.received) if isinstance(one, State)]
        return [one for one in states if one.deployment == deployment.number]

    def _shown(self, deployment: Deployment) -> dict[str, Any]:
        repository = f"{self.url}/repos/{deployment.repository}"
        url = f"{repository}/deployments/{deployment.number}"
        said = self._said(deployment)
        return {
            "url": url,
            "id": deployment.number,
            "node_id": _node_id("Deployment", deployment.number),
            "sha": _sha(deployment.ref),
            "ref": deployment.ref,
            "task": deployment.task,
            "payload": dict(deployment.payload),
            "original_environment": deployment.environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "creator": self._creator(),
            "created_at": deployment.at,
            "updated_at": said[0].at if said else deployment.at,
            "statuses_url": f"{url}/statuses",
            "repository_url": repository,
            "transient_environment": False,
            "production_environment": deployment.production,
        }

    def _status(self, deployment: Deployment, said: State) -> dict[str, Any]:
        links = {"environment_url": said.environment_url, "log_url": said.log_url}
        repository = f"{self.url}/repos/{deployment.repository}"
        url = f"{repository}/deployments/{deployment.number}"
        return {
            "url": f"{url}/statuses/{said.number}",
            "id": said.number,
            "node_id": _node_id("DeploymentStatus", said.number),
            "state": said.state,
            "creator": self._creator(),
            "description": said.description,
            "environment": deployment.environment,
            "target_url": said.log_url,
            "created_at": said.at,
            "updated_at": said.at,
            "deployment_url": url,
            "repository_url": repository,
            **{key: url for key, url in links.items() if url},
        }

    def _creator(self) -> dict[str, Any]:
        own = f"{self.url}/users/{NAME}"
        links = {
            "followers_url": "/followers",
            "following_url": "/following{/other_user}",
            "gists_url": "/gists{/gist_id}",
            "starred_url": "/starred{/owner}{/repo}",
            "subscriptions_url": "/subscriptions",
            "organizations_url": "/orgs",
            "repos_url": "/repos",
            "events_url": "/events{/privacy}",
            "received_events_url": "/received_events",
        }
        return {
            "login": NAME,
            "id": 1,
            "node_id": _node_id("User", 1),
            "avatar_url": f"{self.url}/avatar",
            "gravatar_id": "",
            "url": own,
            "html_url": f"{self.url}/{NAME}",
            **{key: own + end for key, end in links.items()},
            "type": "User",
            "site_admin": False,
        }


def _page(found: list[Any], query: Mapping[str, str]) -> list[Any]:
    size, page = int(query.get("per_page", _PER_PAGE)), int(query.get("page", 1))
    return found[size * (page - 1) : size * page]


def _sha(ref: str) -> str:
    """A commit as its own name says, else one that stands for the branch or tag."""
    return ref if re.fullmatch(r"[0-9a-f]{40}", ref) else hashlib.sha1(ref.encode()).hexdigest()  # noqa: S324


def _node_id(kind: str, number: int) -> str:
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
