import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.release.receiver import Receiver, receiving

# How long an example takes says how busy the machine is.
settings.register_profile("release", deadline=None)
settings.load_profile("release")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}"
