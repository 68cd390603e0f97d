"""A cluster that an older clone started gets what it lacks, and its pods run on."""

import os
import shutil
import signal
import textwrap
from collections.abc import Iterator

import pytest

from tests.local.cluster.kube import Pod, eventually
from tests.local.cluster.sandbox import CLONE, Sandbox, sandbox

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="the embedded cluster needs root; where Docker runs, kind is used"
    ),
]

FORGOTTEN = {
    "components.py": textwrap.dedent("""
        _all = all_components
        def all_components(*folders):
            return tuple(c for c in _all(*folders) if c.name not in {"targets", "prometheus"})
    """),
    "health.py": "def _prometheus() -> bool: return True",
}
"""What was otherwise before there was a Prometheus."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Iterator[Sandbox]:
    """With a cluster of an older clone's."""
    clone = tmp_path_factory.mktemp("older")
    shutil.copytree(CLONE / "local", clone / "local", ignore=shutil.ignore_patterns("__pycache__"))
    for name, code in FORGOTTEN.items():
        with (clone / "local" / "cluster" / name).open("a") as file:
            file.write(f"\n{code}\n")
    with sandbox(tmp_path_factory.mktemp("machine")) as machine:
        done = machine.python("embedded.up()", clone)
        assert done.returncode == 0, done.stdout + done.stderr
        (machine.cache / "cluster" / "config" / "prometheus.yml").unlink()
        yield machine


def ailments(machine: Sandbox) -> str:
    return machine.python("print(embedded.ailments())").stdout.strip()


def test_what_the_cluster_lacks_is_added_and_its_pods_run_on(machine, probe):
    kube = machine.kube()
    kube.apply(Pod(name="bystander", image=machine.push(probe)).manifest())
    kube.wait_ready("bystander")
    assert ailments(machine) == "['Prometheus does not answer']"

    def running() -> tuple[object, ...]:
        (status,) = kube.get("pod", "bystander")["status"]["containerStatuses"]
        return status["containerID"], status["state"]["running"], machine.supervisor()

    before = running()
    assert "lacks targets, prometheus: added, its pods run on" in machine.up()
    assert running() == before
    assert machine.up() == ""


@pytest.mark.parametrize("ending", ["--log.level=warn", "local.cluster.targets"])
def test_an_added_component_that_is_killed_comes_back(machine, ending):
    machine.up()
    (before,) = (pid for pid, words in machine.additions().items() if words[-1] == ending)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: [p for p, words in machine.additions().items() if words[-1] == ending and p != before])
    eventually(lambda: ailments(machine) == "[]")


def test_no_added_component_outlives_what_watches_over_it(machine):
    machine.up()
    before = machine.supervisor()
    for pid, words in machine.additions().items():
        if "unshare" not in words and "local.cluster.additions" in words:
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not machine.additions())
    assert "lacks targets, prometheus: added" in machine.up()
    assert machine.supervisor() == before


def test_nothing_is_left_of_an_addition_when_the_cluster_is_taken_down(machine):
    machine.up()
    assert machine.additions()
    machine.down()
    assert machine.processes() == []
