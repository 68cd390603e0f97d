"""Signals to the driver: noted at once, acted on where it is safe."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

STAND_DOWN = signal.SIGUSR1
"""An emergency rollback sends it to the driver whose update it stops: it is to leave the stack alone."""
_CANCEL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """As a context, also in itself: while it is entered no signal ends this process."""

    def __init__(self) -> None:
        self.cancelled = ""
        """The signal that asked for the run to be taken back; empty while nobody has."""
        self.stand_down = False
        """Whether another run takes the stack over."""
        self._noted = threading.Event()
        self._before: list[dict[int, signal.Handlers | object]] = []

    def __enter__(self) -> Self:
        numbers = (*_CANCEL, STAND_DOWN)
        self._before.append({number: signal.signal(number, self._note) for number in numbers})
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for number, handler in self._before.pop().items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @property
    def any(self) -> bool:
        """Whether there is something to act on."""
        return bool(self.cancelled) or self.stand_down

    @property
    def said(self) -> str:
        """What there is to act on, for people."""
        return f"cancelled by {self.cancelled}" if self.cancelled else "another run takes the stack over"

    def sleep(self, seconds: float) -> None:
        """Wait; a signal ends it."""
        self._noted.wait(max(0.0, seconds))

    def _note(self, number: int, _: FrameType | None) -> None:
        if number == STAND_DOWN:
            self.stand_down = True
        else:
            self.cancelled = self.cancelled or signal.Signals(number).name
        self._noted.set()
