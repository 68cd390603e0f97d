"""The engine, as a plugin sees it: a place to tell the user something."""

import contextlib
import threading

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

# Seconds; a message that the engine does not take at once is not worth waiting for.
_TIMEOUT = 5.0


class Engine:
    """The engine's host log, at the address that it handed to the plugin."""

    def __init__(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def info(self, message: str, *, urn: str = "", ephemeral: bool = False) -> None:
        """Show a message; an ephemeral one only while the resource is being worked on."""
        self._log(engine_pb2.INFO, message, urn=urn, ephemeral=ephemeral)

    def warn(self, message: str, *, urn: str = "") -> None:
        """Show a warning."""
        self._log(engine_pb2.WARNING, message, urn=urn)

    def info_once(self, message: str) -> None:
        """Show a message the first time that it is given."""
        with self._lock:
            if message in self._told:
                return
            self._told.add(message)
        self.info(message)

    def _log(
        self, severity: "engine_pb2.LogSeverity.ValueType", message: str, *, urn: str, ephemeral: bool = False
    ) -> None:
        # A lost message must not fail the operation that it is about.
        with contextlib.suppress(grpc.RpcError):
            request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
            self._stub.Log(request, timeout=_TIMEOUT)
