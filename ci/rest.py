"""GitHub's REST API with nothing but the standard library: a job asks it before anything is installed."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from ci.report import Refusal, needed

ANSWERS_WITHIN_SECONDS = 20
_PAGE = 100


class RefusedByGithubError(Exception):
    """GitHub understood, and said no."""

    def __init__(self, question: str, status: int, said: str) -> None:
        super().__init__(f"GitHub answered {question} with {status}: {said}")
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Rest:
    """One repository, asked with a job's own token."""

    api: str
    repository: str
    token: str

    def get(self, path: str, **query: str | int) -> Any:
        """What there is at a path below the repository."""
        return self._asked("GET", path + (f"?{urlencode(query)}" if query else ""))

    def every(self, path: str, key: str | None = None, **query: str | int) -> Iterator[dict[str, Any]]:
        """All entries of a list, page by page; `key` names the list where it stands in an object."""
        page = 1
        while True:
            answer = self.get(path, **query, per_page=_PAGE, page=page)
            entries = cast("list[dict[str, Any]]", answer[key] if key else answer)
            yield from entries
            if len(entries) < _PAGE:
                return
            page += 1

    def post(self, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Make something, or have something done."""
        return self._asked("POST", path, content)

    def put(self, path: str, content: Mapping[str, Any]) -> Any:
        """Write something whole."""
        return self._asked("PUT", path, content)

    def patch(self, path: str, content: Mapping[str, Any]) -> Any:
        """Change something."""
        return self._asked("PATCH", path, content)

    def _asked(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  GITHUB_API_URL is GitHub's own word
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json, application/json",
                "Authorization": f"Bearer {self.token}",
                "X-GitHub-Api-Version": "2022-11-28",
                **({} if content is None else {"Content-Type": "application/json"}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_SECONDS) as answer:  # noqa: S310
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace")
            question = f"{method} {path.partition('?')[0]}"
            raise RefusedByGithubError(question, error.code, said) from None
        except OSError as error:
            raise Refusal(f"GitHub does not answer: {error}") from None


def connect() -> Rest:
    """The repository that a job runs in."""
    return Rest(
        api=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        repository=needed("GITHUB_REPOSITORY"),
        token=needed("GITHUB_TOKEN"),
    )
