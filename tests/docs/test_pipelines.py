"""What the page on the pipelines says to do, done."""

import re
import subprocess
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "pipelines.md").read_text()
WHO = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")


def git(folder, *words):
    done = subprocess.run(["git", *WHO, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_branch_of_the_chart_is_made_and_has_nothing_in_it(tmp_path, monkeypatch):
    (command,) = re.findall(r"^ *(git push .*gh-pages.*)$", PAGE, re.MULTILINE)
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "t")
        monkeypatch.setenv(f"{name}_EMAIL", "t@localhost")
    git(tmp_path, "init", "-q", "--bare", "origin")
    git(tmp_path, "clone", "-q", "origin", "clone")
    git(tmp_path / "clone", "commit", "-q", "--allow-empty", "-m", "the node")
    subprocess.run(["sh", "-euc", command], cwd=tmp_path / "clone", check=True, capture_output=True)
    assert git(tmp_path / "origin", "ls-tree", "-r", "gh-pages") == ""
    assert git(tmp_path / "origin", "log", "--format=%s", "gh-pages") == "chart of the benchmarks"
