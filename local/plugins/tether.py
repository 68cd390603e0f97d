"""A child process that the kernel ends together with its parent.

Run as a script it ties itself to the parent and becomes the command that follows: `prctl` must be called in
the child, and between fork and exec a threaded gRPC process can not safely run Python.
"""

import ctypes
import os
import signal
import sys

# linux/prctl.h
_PR_SET_PDEATHSIG = 1


def tied(argv: list[str]) -> list[str]:
    """Return the argv that runs `argv` so that it is killed when this process ends, however it ends."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *argv]


def _become(parent: int, argv: list[str]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("The process that this command belongs to has ended.")
    try:
        os.execvp(argv[0], argv)  # noqa: S606  the argv is the caller's own
    except OSError as error:
        sys.exit(f"{argv[0]}: {error.strerror}")


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
