import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from release.locking import lock_files
from tests.release.locking.test_locks import CLI


@pytest.mark.parametrize(
    ("backend", "base"),
    [
        ("file:///state", "/state"),
        ("file:///a%20b?no_tmp_dir=true", "/a b"),
        ("file://./here", "here"),
        ("file://~", str(Path.home())),
        ("file://~/state", str(Path.home() / "state")),
    ],
)
def test_the_locks_of_a_folder_stand_beside_its_state(backend, base):
    folder = lock_files.folder(backend, project="alys", stack="local")
    assert folder == Path(base) / ".pulumi/locks/organization/alys/local"


@pytest.mark.parametrize("backend", ["s3://bucket/path", "https://api.pulumi.com", ""])
def test_another_backend_has_no_folder(backend):
    assert lock_files.folder(backend, project="alys", stack="local") is None


def test_every_lock_is_read_and_nothing_else(tmp_path):
    (tmp_path / "1.json").write_bytes(CLI)
    (tmp_path / "2.json").write_bytes(b"")
    (tmp_path / "1.json.attrs").write_text("{}")
    os.utime(tmp_path / "2.json", (0, 0))
    named, empty = lock_files.read(tmp_path)
    assert (named.pid, named.path) == (7139, str(tmp_path / "1.json"))
    assert (empty.empty, empty.since) == (True, datetime.fromtimestamp(0, UTC))


def test_a_stack_that_was_never_locked_has_no_locks(tmp_path):
    assert lock_files.read(tmp_path / "missing") == ()


def test_this_process_began_before_now_and_after_the_machine_did():
    began = lock_files.started(os.getpid())
    assert datetime.now(UTC) - timedelta(days=1) < began <= datetime.now(UTC) + timedelta(seconds=2)


def test_a_killed_process_has_not_begun_even_while_its_remains_are_there():
    """Its parent hasn't asked for its end yet: a zombie holds no lock."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert lock_files.started(process.pid) is not None
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert lock_files.started(process.pid) is None
    assert lock_files.started(process.pid) is None


def test_a_process_whose_name_tries_to_be_its_state_is_read_right(tmp_path):
    program = tmp_path / ") Z 1 ("
    program.symlink_to("/bin/cat")
    with subprocess.Popen([str(program)], stdin=subprocess.PIPE) as process:
        assert lock_files.started(process.pid) is not None
