"""GitHub's REST API, as far as a stack file names things in it."""

import os
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from checks.finding import CheckError

Model = TypeVar("Model", bound=BaseModel)

API = "https://api.github.com"
ANSWERS_WITHIN_SECONDS = 20
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Account(BaseModel):
    """A user, an organization or a team; its id never changes and is never given again."""

    id: int


class Repository(BaseModel):
    """A repository, and whose it is."""

    id: int
    full_name: str
    default_branch: str
    private: bool
    """Also where it is internal: readable for its organization's people, and for no other's job."""
    owner: Account


class LinkedRepository(BaseModel):
    """The repository that a package belongs to."""

    full_name: str


class Package(BaseModel):
    """A container image's repository on GHCR."""

    visibility: str
    repository: LinkedRepository | None = None


class Github:
    """Looks names up; an absent thing and one that the token may not see are the same to GitHub."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def team(self, organization: str, slug: str) -> Account | None:
        """A team by its slug."""
        return self._found(Account, f"/orgs/{quote(organization)}/teams/{quote(slug)}")

    def user(self, login: str) -> Account | None:
        """A user or an organization by its name."""
        return self._found(Account, f"/users/{quote(login)}")

    def repository(self, path: str) -> Repository | None:
        """A repository by owner and name."""
        return self._found(Repository, f"/repos/{quote(path)}")

    def package(self, organization: str, name: str) -> Package | None:
        """A container package; one with slashes in its name is one path segment."""
        return self._found(Package, f"/orgs/{quote(organization)}/packages/container/{quote(name, safe='')}")

    def _found(self, model: type[Model], path: str) -> Model | None:
        try:
            response = self._client.get(path)
        except httpx.HTTPError as error:
            raise CheckError(f"{self._client.base_url} does not answer: {error}") from None
        if response.status_code == HTTPStatus.NOT_FOUND:
            return None
        if response.status_code in _REFUSED:
            raise CheckError(
                f"GitHub refused {path} ({response.status_code}): {_message(response)}\n"
                "  export GITHUB_TOKEN=$(gh auth token)    # with read:org and read:packages"
            )
        if not response.is_success:
            raise CheckError(f"GitHub answered {path} with {response.status_code}: {_message(response)}")
        return model.model_validate_json(response.content)


def connect() -> httpx.Client:
    """GitHub's API with the token of GITHUB_TOKEN, at GITHUB_API_URL where a workflow sets it."""
    token = os.environ.get("GITHUB_TOKEN", "")
    headers = {
        "Accept": "application/vnd.github+json, application/json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    base = os.environ.get("GITHUB_API_URL", API)
    return httpx.Client(base_url=base, headers=headers, timeout=ANSWERS_WITHIN_SECONDS)


def _message(response: httpx.Response) -> str:
    try:
        content: Any = response.json()
    except ValueError:
        return response.reason_phrase
    return str(cast("dict[str, Any]", content).get("message", "")) if isinstance(content, dict) else ""
