"""How the tests share several workers (`make test`): what stays together, and what goes first."""

import fcntl
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from local.stand_ins import MODULES
from tests import nursery as nurseries

HERE = Path(__file__).parent
EACH_ITS_OWN = ("engine/", "local/plugins/test_updates.py", "local/plugins/helm/test_release.py")
"""Each test has a namespace and a state of its own, and mostly waits: any worker takes any of them."""
ONE_AFTER_THE_OTHER = {
    # Clusters beside the machine's own one, whose leavings are looked for.
    "local/cluster/test_additions.py": "second cluster",
    "local/cluster/test_embedded.py": "second cluster",
    # Cargo builds one thing after the other anyway, and all of these build in one folder.
    "pipelines/test_benchmarks.py": "sample node",
    "pipelines/test_rust.py": "sample node",
    "pipelines/test_security.py": "sample node",
    # One server for all of them.
    "github_api/": "github api",
    # A whole program takes seconds to record; each is recorded once.
    "components/test_cloud.py": "whole programs",
    "components/test_state_section.py": "whole programs",
    "docs/test_generated.py": "whole programs",
    "policy/test_sabotage.py": "whole programs",
    "policy/test_stacks.py": "whole programs",
    "test_stacks.py": "whole programs",
}
"""All else stays together file by file, so that what a file sets up is set up once."""


@pytest.fixture(scope="session", autouse=True)
def own_pulumi_home(tmp_path_factory):
    """Where the CLI keeps its logs, and which stack is chosen; plugins are still those of the user."""
    users = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    home = tmp_path_factory.mktemp("pulumi-home")
    if (users / "plugins").is_dir():
        (home / "plugins").symlink_to(users / "plugins")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PULUMI_HOME", str(home))
        yield


@dataclass(frozen=True, kw_only=True)
class Nursery:
    """Where processes with their packages already imported are had."""

    address: str
    shims: Path
    """A folder for PATH: the plugins that stand in on this machine."""

    def release(self, *words: str) -> list[str]:
        """The argv of the driver of the folder that it is run in."""
        return nurseries.command(self.address, "", "release", *words)

    def shim(self, program: Path, *module: str) -> None:
        """Write a program that is a module of this clone, with the words that come first."""
        argv = nurseries.command(self.address, str(HERE.parent), *module)
        program.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
        program.chmod(0o755)


@pytest.fixture(scope="session")
def nursery_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Nursery:
    """One for the workers of a run; whoever needs it first starts it."""
    folder, run = tmp_path_factory.getbasetemp(), os.getpid()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder, run = folder.parent, os.getppid()
    address, shims = folder / "nursery", tmp_path_factory.mktemp("shims")
    with (folder / "nursery.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _start_nursery(address, run)
    made = Nursery(address=str(address), shims=shims)
    for name, module in MODULES.items():
        if (HERE.parent / ".local" / "bin" / name).exists():
            made.shim(shims / name, *module)
    return made


@pytest.fixture
def nursery(nursery_of_the_run: Nursery, monkeypatch: pytest.MonkeyPatch) -> Nursery:
    """The stand-ins on PATH are had from it."""
    monkeypatch.setenv("PATH", f"{nursery_of_the_run.shims}{os.pathsep}{os.environ['PATH']}")
    return nursery_of_the_run


def _start_nursery(address: Path, run: int) -> None:
    command = [sys.executable, nurseries.__file__, str(address), str(run)]
    process = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 60
    while not address.exists():
        assert process.poll() is None, "the nursery ended before it began"
        assert time.monotonic() < deadline, "the nursery does not begin"
        time.sleep(0.05)
    # It ends with the run, and then nobody is left to wait for it.
    process.returncode = 0


class Rows(LoadScopeScheduling):
    """Tests in rows, each for one worker."""

    def _split_scope(self, nodeid):
        path = nodeid.partition("::")[0].removeprefix("tests/")
        if path.startswith(EACH_ITS_OWN):
            return nodeid
        return next((row for start, row in ONE_AFTER_THE_OTHER.items() if path.startswith(start)), path)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # the order below is meant
    return Rows(config, log)


def pytest_collection_modifyitems(items):
    """Begin with those that wait for a cluster: the others fill the pauses."""
    items.sort(key=_turn)


def _turn(item):
    path = item.path.relative_to(HERE).as_posix()
    if ONE_AFTER_THE_OTHER.get(path) in ("sample node", "second cluster"):
        return 0  # the longest rows
    return 1 if item.get_closest_marker("cluster") else 2
