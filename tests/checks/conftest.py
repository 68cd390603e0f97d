from collections.abc import Callable

import httpx
import pytest

from checks.github import Github

Answers = dict[str, tuple[int, dict]]


def answering(answers: Answers) -> httpx.Client:
    """A server that knows these paths and answers 404 to all others."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        status, content = answers.get(path, (404, {"message": "Not Found"}))
        return httpx.Response(status, json=content)

    return httpx.Client(base_url="https://server.example", transport=httpx.MockTransport(answer))


@pytest.fixture
def server() -> Callable[[Answers], httpx.Client]:
    return answering


@pytest.fixture
def github() -> Callable[[Answers], Github]:
    return lambda answers: Github(answering(answers))
