"""Python processes that are forked from one which has already imported what they all import.

A plugin, a program or the driver takes longer to import its packages than to do its work, and the tests start
hundreds of them. Only installed packages are imported beforehand; the code under test is read by each process
for itself. Run as a script (`python -I -S nursery.py SOCKET FOLDER MODULE WORD...`) this is the process that
others see: it has the signals, the output and the exit code of the one that was forked for it, and takes it
along when it is killed.
"""

import array
import contextlib
import json
import os
import select
import signal
import socket
import sys

PACKAGES = (
    "grpc",
    "httpx",
    "kubernetes.client",
    "pulumi",
    "pulumi.automation._server",
    "pulumi.runtime.proto.language_pb2_grpc",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "pulumi_aws.ec2",
    "pulumi_aws.eks",
    "pulumi_aws.iam",
    "pulumi_github",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.helm.v3",
    "pulumi_kubernetes.meta.v1",
    "pydantic",
    "rich.progress",
    "ruamel.yaml",
    "typer",
    "urllib3",
)
READ_AGAIN = ("kubernetes.config",)
"""They look at the environment while they are imported."""
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
# Seconds between two looks at whether whoever started this process is still there.
POLL = 1.0
LENGTH = 4


def command(address: str, folder: str, module: str, *words: str) -> list[str]:
    """The argv that runs `python -m MODULE WORD...` with `folder` first among the places of modules."""
    return [sys.executable, "-I", "-S", __file__, address, folder, module, *words]


# The process that others see.


def stand_for(address: str, folder: str, argv: list[str]) -> int:
    """Have it born, pass signals on to it, and end as it ends."""
    parent = os.getppid()
    cwd = os.getcwd()  # noqa: PTH109  pathlib takes longer to import than all of this
    asked = json.dumps({"path": folder, "argv": argv, "cwd": cwd, "environment": dict(os.environ)})
    waker, wakes = socket.socketpair()
    for number in PASSED_ON:
        signal.signal(number, lambda number, _frame: waker.send(bytes([number])))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(address)
        descriptors = array.array("i", [0, 1, 2])
        message = asked.encode()
        head = len(message).to_bytes(LENGTH, "big")
        line.sendmsg([head], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        line.sendall(message)
        # Whoever reads this process's output must see its end when the other has ended.
        while os.getppid() == parent:
            ready, _, _ = select.select([line, wakes], [], [], POLL)
            if wakes in ready:
                line.sendall(wakes.recv(1))
            if line in ready:
                said = line.recv(1)
                return said[0] if said else 1
    return 1


# The one that forks.


def serve(address: str, run: int) -> None:
    """Import, and fork for everybody who asks; ends with the test run, a process."""
    import gc  # noqa: PLC0415
    import importlib  # noqa: PLC0415

    for name in PACKAGES:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen(64)
        while os.path.exists(f"/proc/{run}"):  # noqa: PTH110  pathlib is not imported here
            ready, _, _ = select.select([listener], [], [], POLL)
            if not ready:
                continue
            line, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                return attend(line)
            line.close()
    os._exit(0)


def attend(line: socket.socket) -> None:
    """Fork once more, pass signals to that child, and say how it ended; returns in the child alone."""
    head, descriptors, _, _ = socket.recv_fds(line, LENGTH, 3)
    length, message = int.from_bytes(head, "big"), b""
    while len(message) < length:
        message += line.recv(length - len(message))
    child = os.fork()
    if child == 0:
        line.close()
        return become(json.loads(message), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = os.pidfd_open(child)
    while True:
        ready, _, _ = select.select([line, ended], [], [])
        if ended in ready:
            break
        number = line.recv(1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number[0] if number else signal.SIGKILL)
        if not number:
            break
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(OSError):
        line.sendall(bytes([code if code >= 0 else 128 - code]))
    os._exit(0)


def become(asked: dict, descriptors: list[int]) -> None:
    """Take over what the process that others see was started with; the module runs after this returns."""
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["argv"]
    for name in [name for name in sys.modules if name.startswith(READ_AGAIN)]:
        package, _, module = name.rpartition(".")
        vars(sys.modules.get(package, sys)).pop(module, None)
        del sys.modules[name]
    # In the place of this script's own folder.
    sys.path[0] = asked["path"] or asked["cwd"]


if __name__ == "__main__":
    if len(sys.argv) > 3:
        sys.exit(stand_for(sys.argv[1], sys.argv[2], sys.argv[3:]))
    serve(sys.argv[1], int(sys.argv[2]))
    import runpy

    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
