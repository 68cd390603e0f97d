import os
import select
import signal
import subprocess
import sys

from local.plugins import tether

# Starts a tied child that would outlive everything, tells its id, and waits.
PARENT = (
    "import subprocess, sys; from local.plugins import tether; "
    "child = subprocess.Popen(tether.tied(['sleep', '600'])); print(child.pid, flush=True); child.wait()"
)


def test_a_tied_command_runs_as_itself():
    assert (
        subprocess.run(tether.tied(["echo", "a b"]), capture_output=True, text=True, check=True).stdout
        == "a b\n"
    )


def test_a_tied_command_keeps_its_exit_code():
    assert subprocess.run(tether.tied(["sh", "-c", "exit 3"]), check=False).returncode == 3


def test_a_command_that_is_not_there_is_named():
    done = subprocess.run(tether.tied(["no-such-command"]), capture_output=True, text=True, check=False)
    assert "no-such-command: No such file" in done.stderr


def test_a_killed_parent_takes_its_child_along():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        watched = os.pidfd_open(child)
        parent.send_signal(signal.SIGKILL)
    ended, _, _ = select.select([watched], [], [], 30)
    os.close(watched)
    assert ended


def test_a_command_whose_parent_is_gone_does_not_start():
    argv = tether.tied(["echo", "started"])
    argv[4] = "1" if os.getpid() != 1 else "2"
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
