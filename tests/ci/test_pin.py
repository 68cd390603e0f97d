"""A changed pin comes back into the branch, and never over a newer one."""

import subprocess

import pytest

from ci import pin
from ci.pin import Change, bring_back, read
from ci.report import Refusal
from sections.pin import Pin
from tests.pipelines import hub

RUN = "https://github.com/alys/alys-release/actions/runs/17"
FILE = "Pulumi.staging.yaml"
TEXT = """\
# staging: as production, smaller.
config:
  # What runs.
  alys:version: v1.0.0
  alys:rollout: 100
  alys:release: {image: ghcr.io/alys/node}  # where
"""
V1, V2, V3 = (Pin(version=version) for version in ("v1.0.0", "v2.0.0", "v3.0.0"))


@pytest.fixture
def change(repository):
    repository.files["main"][FILE] = TEXT
    return Change(stack="staging", before=V1, after=V2, run=RUN)


def test_it_comes_by_a_pull_request_that_changes_nothing_else(github, repository, change):
    said = bring_back(github, change, way="pull-request", branch="main")
    assert said == "release: v2.0.0 on staging: https://github.com/alys/alys-release/pull/1"
    (pull,) = repository.pulls
    assert (pull["base"], pull["head"]) == ("main", "alys-release/pin/staging-17")
    assert repository.files[pull["head"]][FILE] == TEXT.replace("v1.0.0", "v2.0.0")
    assert repository.files["main"][FILE] == TEXT


def test_whoever_merges_it_is_told_how_its_checks_start(github, repository, change):
    """A required check that nobody starts never comes, and GitHub says no word of why."""
    bring_back(github, change, way="pull-request", branch="main")
    (pull,) = repository.pulls
    assert "press *Approve workflows to run*" in pull["body"]
    assert "close this and open it again" in pull["body"]


def test_it_comes_by_a_commit_where_the_setting_says_so(github, repository, change):
    said = bring_back(github, change, way="commit", branch="main")
    assert said.startswith("release: v2.0.0 on staging: commit dddddddddddd on main")
    assert repository.files["main"][FILE] == TEXT.replace("v1.0.0", "v2.0.0")
    assert repository.pulls == []


@pytest.mark.parametrize("way", pin.WAYS)
def test_it_is_signed_since_nobody_is_named_as_its_author(github, repository, change, way):
    """GitHub signs what it writes in the name of a workflow's token, and nothing else."""
    bring_back(github, change, way=way, branch="main")
    (commit,) = repository.commits
    assert not {"author", "committer"} & commit.keys()
    assert RUN in commit["message"]


def test_what_else_was_changed_in_the_meantime_stays(github, repository, change):
    repository.files["main"][FILE] = TEXT.replace("# where", "# elsewhere")
    bring_back(github, change, way="commit", branch="main")
    assert "# elsewhere" in repository.files["main"][FILE]
    assert read("staging", repository.files["main"][FILE]) == V2


def test_a_pin_that_was_merged_in_the_meantime_is_not_undone(github, repository, change):
    newer = repository.files["main"][FILE] = TEXT.replace("v1.0.0", "v3.0.0")
    said = bring_back(github, change, way="commit", branch="main")
    assert said == (
        "main pins v3.0.0 on staging since this run began, and v2.0.0 was not written over it. What runs is "
        "v2.0.0, until v3.0.0 is deployed"
    )
    assert repository.files["main"][FILE] == newer


def test_a_pin_that_is_there_already_is_left_alone(github, repository, change):
    repository.files["main"][FILE] = TEXT.replace("v1.0.0", "v2.0.0")
    assert bring_back(github, change, way="commit", branch="main") == "main already pins v2.0.0 on staging"


def test_somebody_who_writes_at_the_same_time_is_written_after(github, repository, change, monkeypatch):
    held = pin._held
    later = iter([TEXT.replace("# where", "# elsewhere")])

    def held_too_early(*arguments):
        found = held(*arguments)
        repository.files["main"][FILE] = next(later, repository.files["main"][FILE])
        return found

    monkeypatch.setattr(pin, "_held", held_too_early)
    bring_back(github, change, way="commit", branch="main")
    assert "# elsewhere" in repository.files["main"][FILE]
    assert read("staging", repository.files["main"][FILE]) == V2


def test_a_run_that_is_started_again_uses_its_branch_again(github, repository, change):
    bring_back(github, change, way="pull-request", branch="main")
    said = bring_back(github, change, way="pull-request", branch="main")
    assert said.endswith("branch alys-release/pin/staging-17 has it already")


def test_where_no_workflow_may_open_a_pull_request_the_address_is_said(github, repository, change):
    repository.no_pull_requests = True
    with pytest.raises(Refusal) as refusal:
        bring_back(github, change, way="pull-request", branch="main")
    assert "compare/main...alys-release/pin/staging-17?expand=1" in str(refusal.value)
    assert "workflows_open_pull_requests: true" in str(refusal.value)
    assert "Allow GitHub Actions to create and approve pull requests" in str(refusal.value)
    assert "v2.0.0" in repository.files["alys-release/pin/staging-17"][FILE]


def test_a_part_of_the_pods_is_said(change):
    partly = Change(stack="staging", before=V1, after=Pin(version="v2.0.0", rollout=50), run=RUN)
    assert (change.title, partly.title) == (
        "release: v2.0.0 on staging",
        "release: v2.0.0 at 50 % on staging",
    )


@pytest.mark.parametrize(
    ("outcome", "said"), [("rolled back", "changed"), ("unknown", "unchanged"), ("", "unchanged")]
)
def test_only_what_is_known_to_run_is_brought_back(tmp_path, monkeypatch, repository, outcome, said):
    """A run that lost contact leaves the file on what was good, which need not be what runs."""
    repository.files["main"][FILE] = TEXT
    (tmp_path / FILE).write_text(TEXT)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "it"]):
        subprocess.run(
            ["git", "-c", "user.name=ada", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True
        )
    (tmp_path / FILE).write_text(TEXT.replace("v1.0.0", "v2.0.0"))
    monkeypatch.chdir(tmp_path)
    told = tmp_path / "output"
    variables = {
        "STACK": "staging",
        "BRANCH": "main",
        "RUN_URL": RUN,
        "OUTCOME": outcome,
        "GITHUB_TOKEN": "a-token",
        "GITHUB_REPOSITORY": hub.REPOSITORY,
        "GITHUB_API_URL": repository.url,
        "GITHUB_OUTPUT": str(told),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    pin.write_back()
    assert told.read_text().splitlines()[1] == said
    assert len(repository.pulls) == (said == "changed")
