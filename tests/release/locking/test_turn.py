"""One run at a time on a stack file of a clone."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from release.errors import LockHeldError, RefusedError
from release.locking.turn import turn
from release.project import Project
from release.signals import Signals


@pytest.fixture
def project(tmp_path):
    return Project(folder=tmp_path)


@pytest.fixture
def other_run(project):
    """Another process that has the turn, and stands down when it is told to."""
    script = f"""
        import signal, sys, time
        from pathlib import Path
        from release.project import Project
        from release.locking.turn import turn
        signal.signal(signal.SIGUSR1, lambda *_: sys.exit(0))
        with turn(Project(folder=Path({str(project.folder)!r})), "staging"):
            print("has it", flush=True)
            time.sleep(60)
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert run.stdout.readline() == "has it\n"
    yield run
    run.kill()
    run.communicate()


def test_the_turn_is_given_back(project):
    for _ in range(2):
        with turn(project, "staging"):
            pass


def test_a_folder_that_cannot_be_written_to_is_said_before_anything_is_changed(project):
    """Fault 20."""
    (project.folder / ".release").write_text("no folder")
    with pytest.raises(RefusedError, match="nothing was changed"), turn(project, "staging"):
        pass


def test_a_second_run_is_refused_and_told_whose_turn_it_is(project, other_run):
    """Fault 4."""
    with pytest.raises(LockHeldError) as refused, turn(project, "staging"):
        pass
    assert f"process {other_run.pid}" in str(refused.value)
    assert "release rollback staging --emergency" in str(refused.value)


def test_another_stack_has_a_turn_of_its_own(project, other_run):
    with turn(project, "testnet"):
        pass


def test_an_emergency_has_the_other_run_stand_down(project, other_run):
    """Fault 5."""
    with turn(project, "staging", emergency=True):
        assert other_run.wait(10) == 0


def test_a_killed_run_leaves_the_turn_free(project, other_run):
    """Fault 1."""
    other_run.send_signal(signal.SIGKILL)
    other_run.wait(10)
    with turn(project, "staging"):
        assert (project.folder / ".release" / "staging.lock").read_text() == str(os.getpid())


def test_a_signal_ends_a_sleep_and_is_noted(project):
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        began = time.monotonic()
        signals.sleep(60)
        assert time.monotonic() - began < 30
        assert signals.cancelled == "SIGTERM"
        assert not signals.stand_down
