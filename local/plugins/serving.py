"""A plugin's process: its gRPC server, the port on its first line, and its end."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO, cast

import grpc

# The engine's own limit (`rpcutil.GrpcChannelOptions`), in bytes: state can hold large values.
MESSAGE_LIMIT = 400 * 1024 * 1024
# Each operation blocks a worker while it waits, and `Cancel` must still find a free one.
WORKERS = 128
# Seconds between two looks at whether the engine is still there.
PARENT_POLL = 1.0


def server() -> grpc.Server:
    """Make a server that takes messages as large as the engine sends."""
    return grpc.server(
        ThreadPoolExecutor(max_workers=WORKERS),
        options=[
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ],
    )


def engine_address(arguments: list[str]) -> str:
    """Return the engine's address, the last of the arguments that a plugin is started with."""
    if not arguments or arguments[-1].startswith("-"):
        sys.exit("This is a Pulumi plugin: the engine starts it, with its own address as the last argument.")
    return arguments[-1]


def serve(plugin: grpc.Server, *, on_stop: Callable[[], None] = lambda: None) -> None:
    """Serve on a free port of the loopback until the engine ends the plugin, or has itself ended.

    `on_stop` may take what time the engine grants; it is not asked when the engine is gone.
    """
    parent = os.getppid()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())

    port = plugin.add_insecure_port("127.0.0.1:0")
    plugin.start()
    # What the program prints must reach the user line by line, not when a buffer is full.
    for stream in (sys.stdout, sys.stderr):
        cast("TextIO", stream).reconfigure(line_buffering=True)  # type: ignore[attr-defined]
    print(port, flush=True)

    while os.getppid() == parent:
        if stopped.wait(PARENT_POLL):
            on_stop()
            break
    plugin.stop(grace=None)
    sys.stdout.flush()
    sys.stderr.flush()
    # Worker threads may be waiting for something that no longer comes; a normal exit would join them.
    os._exit(0)
