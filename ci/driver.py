"""Runs `release` so that a cancelled job can't cut it off.

Who cancels a job leaves its step ten seconds. `release` needs longer to bring the old version back, so it
runs in a session of its own: `start` follows what it says and passes a cancellation on, `end` waits for it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, cast

from ci import alarm
from ci.report import Refusal, main, needed, output, summary

ENDS_WITHIN_SECONDS = 280
"""GitHub gives the steps after a cancellation five minutes."""
_INTERRUPTED = 130
_SAID_LAST = 12


def words(verb: str, given: Mapping[str, str]) -> list[str]:
    """The words after `release`, from the variables of a workflow's step; empty ones say nothing. Pure."""
    stack, version = given["STACK"], given.get("VERSION", "")
    argv = [verb, stack]
    if version:
        argv += ["--to", version] if verb == "rollback" else [version]
    if steps := given.get("STEPS", ""):
        argv += ["--steps", steps]
    argv += [f"--{name.lower()}" for name in ("EMERGENCY", "REHEARSE", "RETRY") if given.get(name) == "true"]
    if reason := given.get("REASON", ""):
        # Joined, so that a reason that begins with a dash is none of the options.
        argv.append(f"--message={reason}")
    return [*argv, "--yes", "--json"]


def start(verb: str) -> None:
    """Begin, say what is said, and end as it ends; or at once when the job is cancelled."""
    folder = _folder()
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "release", *words(verb, os.environ)]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "ci.driver", "keep", *argv],
            stdin=subprocess.DEVNULL,
            # Not the step's own: the runner kills what holds it open.
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def passed_on(number: int, _: FrameType | None) -> NoReturn:
        os.killpg(keeper.pid, signal.SIGINT)
        print(
            f"{signal.Signals(number).name}: release goes back to what ran before; the next step waits for it"
        )
        sys.stdout.flush()
        os._exit(_INTERRUPTED)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, passed_on)
    with (folder / "log").open(errors="replace") as said:
        while keeper.poll() is None:
            _say(said.read())
            time.sleep(0.2)
        _say(said.read())
    sys.exit(_code(folder))


def keep(argv: list[str]) -> None:
    """Run it and write down how it ended, whoever is still there to see."""
    # It is told together with release, and outlives it. A handler, since what is ignored is inherited.
    signal.signal(signal.SIGINT, _outlive)
    folder = _folder()
    with (folder / "result.json").open("wb") as result:
        done = subprocess.run(argv, stdout=result, check=False)
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    (folder / "code.new").write_text(str(code))
    (folder / "code.new").rename(folder / "code")


def end() -> None:
    """Wait until it has ended; its outcome as outputs, and on the run's page where it said nothing there."""
    folder = _folder()
    if not folder.is_dir():
        _unsaid("release was not started, so nothing was changed")
    over = time.monotonic() + ENDS_WITHIN_SECONDS
    while not (folder / "code").exists():
        if time.monotonic() > over:
            _unsaid(
                f"release has not ended within {ENDS_WITHIN_SECONDS} s, so what runs is not known.\n"
                f"To go back:  release rollback {needed('STACK')} --emergency"
            )
        time.sleep(0.2)
    code, result = _code(folder), _result(folder)
    said = (folder / "log").read_text(errors="replace").splitlines()
    output("code", str(code))
    output("outcome", str(result.get("outcome", "")))
    output("changed", str(result.get("file_changed") or ""))
    if not result:
        summary(f"**release ended with {code}**\n\n```\n" + "\n".join(said[-_SAID_LAST:]) + "\n```")
    print("\n".join(said[-_SAID_LAST:]))


def _unsaid(text: str) -> NoReturn:
    """Refuse, and tell the channels: nobody else does."""
    title = f"{needed('STACK')}: {text.splitlines()[0]}"
    if said := alarm.tell(title, "\n".join([*text.splitlines()[1:], alarm.page()]), os.environ):
        print(f"::warning::{said}")
    raise Refusal(text)


def _outlive(_: int, __: FrameType | None) -> None:
    """Do nothing."""


def _folder() -> Path:
    return Path(needed("RUNNER_TEMP")) / "release"


def _code(folder: Path) -> int:
    return int((folder / "code").read_text())


def _result(folder: Path) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", json.loads((folder / "result.json").read_text()))
    except ValueError:
        # Refused before it began: the reason stands in the log.
        return {}


def _say(text: str) -> None:
    if text:
        print(text, end="", flush=True)


def drive() -> None:
    """`python -m ci.driver start VERB`, then `python -m ci.driver end`; the rest is in the environment."""
    parser = argparse.ArgumentParser(prog="python -m ci.driver", description=__doc__)
    parser.add_argument("what", choices=("start", "keep", "end"))
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.what == "start":
        start(*given.rest)
    elif given.what == "keep":
        keep(given.rest)
    else:
        end()


if __name__ == "__main__":
    main(drive)
