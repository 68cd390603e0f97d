"""What the page on the pipelines says to do, done."""

import re
import subprocess

from sections.github import Github
from tests.pipelines.workflows import ROOT, every, named

PAGE = (ROOT / "docs" / "pipelines.md").read_text()
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


def test_a_machine_that_previews_and_deploys_is_said_to_live_for_one_job():
    """Else what nobody has read yet could wait there for a deployment's credentials."""
    machines = [named(f"{name}.yml").job(name).content["runs-on"] for name in ("preview", "deploy")]
    assert len(set(machines)) == 1
    assert "each lives for one job" in Github.model_fields["runner"].description
    assert "lives for one job" in PAGE.partition("### runners")[2].partition("###")[0]


def test_the_jobs_that_need_code_scanning_are_those_that_the_page_names():
    needed = {"github/codeql-action/upload-sarif@", "actions/dependency-review-action@"}
    jobs = {
        job.name
        for workflow in every()
        for job in workflow.jobs
        for step in job.steps
        if step.content.get("uses", "").startswith(tuple(needed))
    }
    assert jobs == {"policy", "code", "dependencies", "build"}
    (said,) = re.findall(r"^- Code scanning and the dependency review: (?:.+\n)+?(?=- )", PAGE, re.MULTILINE)
    assert all(f"`{name}`" in said for name in jobs - {"build"})
    assert "the image's scan" in said
