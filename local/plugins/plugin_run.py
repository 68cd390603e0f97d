"""A plugin written in Python (a policy pack, say), run as a child process for the engine."""

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

from pulumi.runtime.proto import language_pb2

from local.plugins import tether


def command(kind: str, folder: str, arguments: list[str]) -> list[str]:
    """Return the argv of a plugin in `folder`: a policy pack runs under the SDK's `pulumi.policy`."""
    if kind == "analyzer":
        return [sys.executable, "-u", "-m", "pulumi.policy", *arguments, folder]
    return [sys.executable, "-u", folder, *arguments]


def stream(request: Any, context: Any) -> Iterator[language_pb2.RunPluginResponse]:
    """Run the plugin; yield what it prints, then its exit code. The end of the call ends the plugin."""
    argv = command(request.kind, request.info.program_directory, list(request.args))
    environment = dict(variable.split("=", 1) for variable in request.env if "=" in variable)
    child = subprocess.Popen(
        tether.tied(argv),
        cwd=request.pwd or None,
        env=environment or None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    if not context.add_callback(child.terminate):
        child.terminate()

    chunks: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()
    readers = [
        threading.Thread(target=_read, args=(child.stdout, "stdout", chunks), daemon=True),
        threading.Thread(target=_read, args=(child.stderr, "stderr", chunks), daemon=True),
    ]
    for reader in readers:
        reader.start()
    open_streams = len(readers)
    while open_streams:
        chunk = chunks.get()
        if chunk is None:
            open_streams -= 1
        else:
            yield chunk
    yield language_pb2.RunPluginResponse(exitcode=child.wait())


def _read(
    source: IO[bytes], field: str, chunks: "queue.Queue[language_pb2.RunPluginResponse | None]"
) -> None:
    while data := os.read(source.fileno(), 65536):
        if field == "stdout":
            chunks.put(language_pb2.RunPluginResponse(stdout=data))
        else:
            chunks.put(language_pb2.RunPluginResponse(stderr=data))
    chunks.put(None)
