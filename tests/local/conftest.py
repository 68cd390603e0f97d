"""A machine of each test's own: an empty cache, and a PATH with nothing but fakes."""

from pathlib import Path

import pytest

from tests.local.fakes import FakePrograms


@pytest.fixture
def own_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "alys-release"


@pytest.fixture
def programs(tmp_path, monkeypatch) -> FakePrograms:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return FakePrograms(folder)
