import os
import subprocess
import sys

from release.locking.turn import turn
from release.locking.turn_holder import holds, turn_holder
from release.project import RUNS, Project

LINES = """\
1: FLOCK  ADVISORY  WRITE 4711 00:2f:1234 0 EOF
1: -> FLOCK  ADVISORY  WRITE 4712 00:2f:1234 0 EOF
2: POSIX  ADVISORY  WRITE 4713 00:2f:1234 0 EOF
3: FLOCK  ADVISORY  READ 4714 00:2f:1234 0 EOF
""".splitlines()


def test_the_holder_of_a_whole_file_is_told_from_who_waits_for_it():
    assert [holds(LINES, inode=1234, pid=pid) for pid in (4711, 4712, 4713, 4714)] == [
        True,
        False,
        False,
        False,
    ]


def test_another_file_s_holder_is_none_of_this_one():
    assert not holds(LINES, inode=234, pid=4711)


def test_a_run_that_holds_the_turn_is_seen_and_one_that_has_ended_is_not(tmp_path):
    """Fault 3: between two updates the backend has no lock, and the stack is taken all the same."""
    project = Project(folder=tmp_path)
    assert turn_holder(project, "staging") is None
    with turn(project, "staging"):
        assert turn_holder(project, "staging") == os.getpid()
        assert turn_holder(project, "canary") is None
    assert turn_holder(project, "staging") is None


def test_looking_takes_the_turn_from_nobody(tmp_path):
    project = Project(folder=tmp_path)
    with turn(project, "staging"):
        code = (
            f"from pathlib import Path; from release.locking.turn_holder import *; "
            f"print(turn_holder(Project(folder=Path({str(tmp_path)!r})), 'staging'))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str(os.getpid())
    assert (tmp_path / RUNS / "staging.lock").exists()
