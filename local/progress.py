"""One line for each step, with its seconds."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager


def duration(seconds: float) -> str:
    """Seconds as people say them: `0.4 s`, `12 s`, `4 min 12 s`."""
    if seconds < 10:  # noqa: PLR2004 - below it a tenth of a second says something
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def step(what: str, about: str = "") -> Generator[None]:
    """Prints what is done and, when it has ended, how long it took; on a terminal the seconds run."""
    line = f"{what}, about {about}" if about else what
    began = time.monotonic()
    over = threading.Event()
    clock = threading.Thread(target=_tick, args=(line, began, over), daemon=True)
    live = sys.stdout.isatty()
    if live:
        clock.start()
    else:
        print(f"{line} ...", end="", flush=True)
    verdict = "failed after"
    try:
        yield
        verdict = "done in"
    finally:
        over.set()
        if live:
            clock.join()
            print(f"\r\x1b[K{line} ...", end="")
        print(f" {verdict} {duration(time.monotonic() - began)}", flush=True)


def _tick(line: str, began: float, over: threading.Event) -> None:
    while True:
        print(f"\r\x1b[K{line} ... {duration(time.monotonic() - began)}", end="", flush=True)
        if over.wait(1):
            return
