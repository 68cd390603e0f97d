import os
import shutil
from pathlib import Path

import pytest

from tests.chart.rendering import Chart

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alys-release"


def _executable(name: str, *places: Path) -> Path:
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return place
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is neither on PATH nor in {CACHE}: run `make tools`", pytrace=False)
    return Path(found)


@pytest.fixture(scope="session")
def helm() -> Path:
    return _executable("helm", ROOT / ".local/bin/helm", *CACHE.glob("tools/helm-*/helm"))


@pytest.fixture(scope="session")
def uv() -> Path:
    return _executable("uv", Path(os.environ.get("UV", "")), *CACHE.glob("uv-*/bin/uv"))


@pytest.fixture(scope="session")
def chart(helm: Path) -> Chart:
    return Chart(helm=helm, folder=ROOT / "chart")
