"""The operations of a provider that are under way: how they end, well or badly or interrupted."""

import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from local.plugins.resources import InitFailed, Refused
from local.plugins.values import encode

T = TypeVar("T")

# Seconds; the engine kills a plugin 5 s after interrupting it (sdk/go/common/resource/plugin/plugin.go).
GRACE = 4.5


class Operations:
    """What a provider of `package` is doing for the engine; `cancelled` is set when the user interrupts."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.cancelled = threading.Event()
        self._idle = threading.Condition()
        self._running = 0

    def stop(self) -> None:
        """Interrupt what is running, and give it the time that the engine grants to put things back."""
        self.cancelled.set()
        with self._idle:
            self._idle.wait_for(lambda: not self._running, timeout=GRACE)

    def answer(self, context: Any, operation: str, work: Callable[[], T]) -> T:
        """Do the work; what goes wrong reaches the engine as one message, never as a traceback."""
        try:
            return self.counted(work)
        except InitFailed as failed:
            _abort_partial(context, failed)
        except Refused as refused:
            context.abort(grpc.StatusCode.UNKNOWN, str(refused))
        except Exception as error:  # noqa: BLE001
            # Standard error is hidden by the engine unless it is asked for debug output.
            traceback.print_exc(file=sys.stderr)
            what = f"{type(error).__name__}: {error}".split("\n", 1)[0]
            context.abort(
                grpc.StatusCode.UNKNOWN,
                f"The stand-in for the {self.package} plugin failed in {operation}: {what}. "
                f"This is a fault in local/plugins; `pulumi up --debug` shows where.",
            )
        raise AssertionError(operation)

    def counted(self, work: Callable[[], T]) -> T:
        """Do the work as one that `stop` waits for."""
        with self._idle:
            self._running += 1
        try:
            return work()
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()


def _abort_partial(context: Any, failed: InitFailed) -> NoReturn:
    """End the call so that the engine saves the resource together with what is wrong with it."""
    live = failed.live
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=live.id, properties=encode(live.outputs), inputs=encode(live.inputs), reasons=[failed.reason]
        )
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=failed.reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, failed.reason)
    raise AssertionError
