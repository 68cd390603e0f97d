"""Who reviews what in this repository; GitHub passes over a line that it can't follow without a word."""

import fnmatch
import subprocess
from pathlib import Path

import pytest
import yaml

CLONE = Path(__file__).parents[2]
LINES = [
    line.split()
    for line in (CLONE / ".github" / "CODEOWNERS").read_text().splitlines()
    if line and not line.startswith("#")
]


def tracked():
    said = subprocess.run(["git", "ls-files"], cwd=CLONE, check=True, capture_output=True, text=True).stdout
    return said.splitlines()


def teams():
    """Those that the stack files name as reviewers, as GitHub mentions them."""
    for path in CLONE.glob("Pulumi.*.yaml"):
        github = yaml.safe_load(path.read_text())["config"].get("alys:github", {})
        owner = github.get("repository", "").partition("/")[0]
        for guard in ("deploy", "rollback"):
            for team in github.get(guard, {}).get("reviewers", {}).get("teams", []):
                yield f"@{owner}/{team}"


def test_everything_has_an_owner():
    assert LINES[0][0] == "*"


@pytest.mark.parametrize(("pattern", "owners"), [(line[0], line[1:]) for line in LINES])
def test_a_line_speaks_of_files_that_there_are_and_of_teams_that_review(pattern, owners):
    wanted = pattern.lstrip("/") + ("*" if pattern.endswith("/") else "")
    assert fnmatch.filter(tracked(), wanted)
    assert owners
    assert set(owners) <= set(teams())
