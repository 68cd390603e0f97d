"""Takes messages to one receiver: in order, in the background, and never for long."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from release.outside.deadline import within

LIMIT_SECONDS = 5.0
"""For a message, and for all that are left at the end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Parcel:
    what: str
    deliver: Callable[[], object]


class Courier:
    """One receiver's messages; whatever happens to them, nobody else notices."""

    def __init__(self, *, receiver: str, limit: float = LIMIT_SECONDS) -> None:
        """`receiver` is its name for people: never an address, which may hold a token."""
        self.receiver = receiver
        self.failures: list[str] = []
        """What didn't arrive, and why; whole once the courier has been sent home."""
        self._limit = limit
        self._parcels: queue.SimpleQueue[_Parcel | threading.Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, what: str, deliver: Callable[[], object]) -> None:
        """Have a message delivered after those before it; `deliver` raises where it can't be."""
        self._parcels.put(_Parcel(what=what, deliver=deliver))

    def wait(self) -> bool:
        """Wait until all that was sent is delivered or given up; False where the limit comes first."""
        reached = threading.Event()
        self._parcels.put(reached)
        return reached.wait(self._limit)

    def dismiss(self) -> None:
        """Let it end once it has delivered what it was given."""
        self._parcels.put(None)

    def join(self, seconds: float) -> None:
        """Wait for its end; what is undelivered by then stays so."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._fail("messages are still on their way", f"no answer within {self._limit:g} s")

    def _run(self) -> None:
        while parcel := self._parcels.get():
            if isinstance(parcel, threading.Event):
                parcel.set()
                continue
            try:
                within(self._limit, parcel.deliver)
            except Exception as error:  # noqa: BLE001  nothing that a receiver does may end a release
                self._fail(f"{parcel.what} was not delivered", str(error) or type(error).__name__)

    def _fail(self, what: str, reason: str) -> None:
        self.failures.append(f"{self.receiver}: {what}: {reason}")
        _log.warning("%s: %s: %s", self.receiver, what, reason)


def send_home(couriers: Iterable[Courier], *, limit: float = LIMIT_SECONDS) -> None:
    """End all couriers, within one limit for all of them together."""
    leaving, over = list(couriers), time.monotonic() + limit
    for courier in leaving:
        courier.dismiss()
    for courier in leaving:
        courier.join(max(0.0, over - time.monotonic()))
