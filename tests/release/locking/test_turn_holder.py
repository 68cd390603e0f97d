import os
import subprocess
import sys

from release.locking import turn_holder as turn_holders
from release.locking.turn import turn
from release.locking.turn_holder import holders, surely_free, turn_holder
from release.project import RUNS, Project

LINES = """\
1: FLOCK  ADVISORY  WRITE 4711 00:2f:1234 0 EOF
1: -> FLOCK  ADVISORY  WRITE 4712 00:2f:1234 0 EOF
2: POSIX  ADVISORY  WRITE 4713 00:2f:1234 0 EOF
3: FLOCK  ADVISORY  READ 4714 00:2f:1234 0 EOF
""".splitlines()


def test_the_holder_of_a_whole_file_is_told_from_who_waits_for_it():
    assert holders(LINES, inode=1234) == {"4711"}


def test_another_file_s_holder_is_none_of_this_one():
    assert holders(LINES, inode=234) == set()


def test_a_run_that_holds_the_turn_is_seen_and_one_that_has_ended_is_not(tmp_path):
    """Fault 3: between two updates the backend has no lock, and the stack is taken all the same."""
    project = Project(folder=tmp_path)
    assert turn_holder(project, "staging") is None
    assert surely_free(project, "staging")
    with turn(project, "staging"):
        assert turn_holder(project, "staging") == os.getpid()
        assert not surely_free(project, "staging")
        assert turn_holder(project, "canary") is None
    assert turn_holder(project, "staging") is None
    assert surely_free(project, "staging")


def test_a_turn_whose_holder_has_not_signed_yet_is_not_free(tmp_path):
    project = Project(folder=tmp_path)
    with turn(project, "staging"):
        (tmp_path / RUNS / "staging.lock").write_text("")
        assert turn_holder(project, "staging") is None
        assert not surely_free(project, "staging")


def test_where_the_kernel_does_not_say_it_nothing_is_sure(tmp_path, monkeypatch):
    monkeypatch.setattr(turn_holders, "_KERNEL", tmp_path / "none")
    assert not surely_free(Project(folder=tmp_path), "staging")


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
