from collections.abc import Iterator

import httpx
import pytest

from checks.github import Github
from tests.github_api.prism import served


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def github(client: httpx.Client) -> Github:
    return Github(client)
