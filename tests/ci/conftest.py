import socket
from collections.abc import Iterator

import pytest

from ci.rest import Rest
from tests.pipelines import hub


@pytest.fixture
def repository() -> Iterator[hub.Repository]:
    with hub.serving() as repository:
        yield repository


@pytest.fixture
def github(repository: hub.Repository) -> Rest:
    return Rest(api=repository.url, repository=hub.REPOSITORY, token="a-token")


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}"
