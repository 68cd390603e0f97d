"""What the pipelines' runners have, on this machine: out of the repository's own locks and caches."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local import cache, debian, progress
from local.errors import LocalError
from tests.pipelines.workflows import ROOT, named

# What a run of GitHub's would not know, or sets itself.
_HIDDEN = re.compile(r"^(GITHUB_|RUNNER_|PYTEST_|PYTHON|VIRTUAL_ENV$|RUSTFLAGS$|CI$|UV_PROJECT)")

TARGET = cache.root() / "cargo-target" / "pipelines"


def environment() -> dict[str, str]:
    """This machine's variables, with uv on PATH and a folder to build in that keeps its dependencies."""
    kept = {name: value for name, value in os.environ.items() if not _HIDDEN.match(name)}
    kept["CARGO_TARGET_DIR"] = str(TARGET)
    # A virtual environment's own `python3` is not what a runner has, but it is of the same kind.
    return kept | {"PATH": f"{uv().parent}:{kept['PATH']}"}


def uv() -> Path:
    places = [Path(os.environ.get("UV", "")), *cache.root().glob("uv-*/bin/uv")]
    found = next((place for place in places if place.is_file()), None) or shutil.which("uv")
    if found is None:
        pytest.fail("uv is neither on PATH nor in the cache: run `make setup`", pytrace=False)
    return Path(found)


def tarpaulin() -> Path:
    """The folder of cargo-tarpaulin in the version that the workflow installs, built once a machine."""
    installs = named("rust.yml").job("coverage").step("Install tarpaulin").content["with"]["tool"]
    crate, version = installs.split("@")
    target = cache.tools() / f"{crate}-{version}"
    with cache.lock(f"build-{crate}"):
        if not (target / "bin" / crate).exists():
            with progress.step(f"building {crate} {version} from source", "2 min on two cores"):
                _install(crate, version, target)
    return target / "bin"


def valgrind() -> dict[str, str]:
    """Variables with which valgrind is found: this machine's, or one out of Debian's archive."""
    if shutil.which("valgrind"):
        return {}
    root = debian.ensure()
    return {
        "PATH": f"{root / 'usr/bin'}:{environment()['PATH']}",
        "VALGRIND_LIB": str(root / "usr/libexec/valgrind"),
    }


def _install(crate: str, version: str, target: Path) -> None:
    argv = ["cargo", "install", "--quiet", "--locked", "--debug", "--root", str(target), f"{crate}@{version}"]
    # It only has to work; without debug information it is built in half the time.
    more = {
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_TARGET_DIR": str(TARGET / "tools"),
    }
    done = subprocess.run(
        argv, cwd=ROOT, env=environment() | more, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise LocalError(f"`cargo install {crate}` failed:\n{last}")
