import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from release.outside import bucket
from tests.release.receiver import Receiver, receiving
from tests.s3 import ANYBODY, Served, serving

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


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    """A bucket over HTTP; who asks has credentials in the environment, and no others."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in ANYBODY.items():
        monkeypatch.setenv(name, value)
    bucket._session.cache_clear()
    with serving() as served:
        yield served
    bucket._session.cache_clear()
