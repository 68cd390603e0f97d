"""Stops whatever else is about to change an environment; for an emergency rollback, with nothing installed.

`--tell` comes back at once, so that the others end while this job sets itself up.
"""

import argparse
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ci.report import Refusal, main, needed, summary
from ci.rest import RefusedByGithubError, Rest, connect

ENDS_WITHIN_SECONDS = 240
"""A run that is cancelled has its driver bring the old version back first."""
AFTER_FORCE_SECONDS = 30
_PAUSE_SECONDS = 3
_UNFINISHED = ("in_progress", "waiting", "queued", "pending", "requested")
_GONE = (404, 409)
DEPLOYS = ".github/workflows/deploy.yml"
"""Its jobs are named after environments, and are there only once its plan has said which."""


def job_names(stack: str) -> re.Pattern[str]:
    """What the jobs that change a stack are called, such as `deploy staging` and `roll back staging`."""
    return re.compile(rf"(?:deploy|roll back) {re.escape(stack)}")


def others(github: Rest, stack: str, *, own: int) -> Iterator[int]:
    """The runs, but for this one, with a job that changes the stack and hasn't ended, or may get one yet."""
    names = job_names(stack)
    for state in _UNFINISHED:
        for run in github.every("actions/runs", "workflow_runs", status=state):
            if run["id"] == own:
                continue
            jobs = list(github.every(f"actions/runs/{run['id']}/jobs", "jobs"))
            if _changes(jobs, names) or _plans(run, jobs):
                yield int(run["id"])


def _changes(jobs: Iterable[Mapping[str, Any]], names: re.Pattern[str]) -> bool:
    return any(names.fullmatch(str(job["name"])) and job["status"] != "completed" for job in jobs)


def _plans(run: Mapping[str, Any], jobs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a deployment's plan hasn't said yet where it goes: it may go here."""
    path = str(run.get("path")).partition("@")[0]
    return path == DEPLOYS and not any(str(job["name"]).startswith("deploy ") for job in jobs)


def cancel(github: Rest, run: int, *, force: bool = False) -> None:
    """Have it end; one that has just ended by itself is as good."""
    try:
        github.post(f"actions/runs/{run}/{'force-cancel' if force else 'cancel'}")
    except RefusedByGithubError as error:
        if error.status not in _GONE:
            raise Refusal(f"{error}. The job needs `actions: write`") from None


def tell(found: list[int], end: Callable[[int, bool], None]) -> tuple[list[int], list[int]]:
    """Cancel what is found, and leave it at that."""
    for run in found:
        end(run, False)
    return found, found


def stop(
    look: Callable[[], list[int]],
    end: Callable[[int, bool], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[list[int], list[int]]:
    """Cancel what is found until nothing is; by force when the time is over. What was told, what is left."""
    told: list[int] = []
    for force, seconds in ((False, ENDS_WITHIN_SECONDS), (True, AFTER_FORCE_SECONDS)):
        over, found = clock() + seconds, look()
        for run in found if force else ():
            end(run, True)
        while found:
            for run in found:
                if run not in told:
                    told.append(run)
                    end(run, False)
            if clock() > over:
                break
            sleep(_PAUSE_SECONDS)
            found = look()
        if not found:
            return told, []
    return told, look()


def stop_others() -> None:
    """`python3 -m ci.cancel [--tell]`, with STACK, GITHUB_RUN_ID and GITHUB_TOKEN."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.cancel", description=__doc__)
    parser.add_argument("--tell", action="store_true", help="Don't wait for them to end.")
    waits = not parser.parse_args().tell
    stack, own, github = needed("STACK"), int(needed("GITHUB_RUN_ID")), connect()

    def look() -> list[int]:
        return list(dict.fromkeys(others(github, stack, own=own)))

    def end(run: int, force: bool) -> None:
        cancel(github, run, force=force)

    try:
        told, left = stop(look, end) if waits else tell(look(), end)
    except (Refusal, RefusedByGithubError) as error:
        # GitHub must not stand in the way back: `release` itself refuses where somebody holds the stack.
        print(f"::warning::{error}")
        summary(f"Other runs were not looked for: {error}")
        return
    server = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{github.repository}/actions/runs"
    for run in told:
        still = ", which has not ended" if run in left else ""
        print(f"cancelled {server}/{run}{still}")
        summary(f"Cancelled {server}/{run}{still}")
    if not told:
        print(f"nothing else is about to change {stack}")


if __name__ == "__main__":
    main(stop_others)
