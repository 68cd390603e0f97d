"""The commit that a change is compared with, checked out beside it."""

import argparse
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ci.report import Refusal, main, needed, output

_COMMIT = re.compile(r"[0-9a-f]{40}")
_NOTHING = "0" * 40


def base(event: str, environment: Mapping[str, str]) -> str:
    """The commit that the change goes onto: the other branch's for a pull request, else the one before."""
    name = "BASE_SHA" if event in ("pull_request", "merge_group") else "BEFORE_SHA"
    commit = environment.get(name, "")
    if commit == _NOTHING or not commit:
        raise Refusal(f"{event} has no {name}: there is nothing to compare with")
    if not _COMMIT.fullmatch(commit):
        raise Refusal(f"{name} is {commit[:60]!r}, and no commit")
    return commit


def check_out() -> None:
    """`python3 -m ci.merge_base --into FOLDER`; output `commit`."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.merge_base", description=__doc__)
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    into = parser.parse_args().into
    event = needed("GITHUB_EVENT_NAME")
    commit = _git("merge-base", "HEAD", base(event, os.environ))
    _git("worktree", "add", "--force", "--detach", str(into), commit)
    output("commit", commit)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"`git {' '.join(words[:2])}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    main(check_out)
