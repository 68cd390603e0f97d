"""What can be said of stack files without credentials."""

import json
import shutil
import subprocess

import pytest

from ci import files
from ci.files import costs, monthly
from ci.report import Refusal
from tests.pipelines.workflows import ROOT

STAGING = (ROOT / "Pulumi.staging.yaml").read_text()


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        (700.0, 750.4, "about $750 a month, +$50"),
        (750.0, 700.0, "about $700 a month, -$50"),
        (700.0, 700.0, "about $700 a month, as before"),
        (None, 700.0, "about $700 a month"),
        (700.0, None, "costs are not known"),
        (0.0, 0.0, "costs nothing"),
        (None, 0.0, "costs nothing"),
        (700.0, 0.0, "about $0 a month, -$700"),
    ],
)
def test_a_change_of_costs_in_words(was, is_, said):
    assert costs(was, is_) == said


def test_costs_come_from_the_file_alone():
    more = monthly("staging", STAGING.replace("size: 3", "size: 6"))
    assert more > monthly("staging", STAGING) > 0


def test_a_file_that_says_nonsense_costs_nobody_knows_what():
    assert monthly("staging", "config:\n  alys:version: latest\n") is None


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a clone's stack files as the job does; what stands on the page."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "Pulumi.staging.yaml", tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-A"], check=True)
    who = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "commit", "-qm", "x"], check=True)
    page = tmp_path / ".page"
    given = {"TOUCHED": json.dumps(["staging"]), "BASE": "HEAD", "GITHUB_STEP_SUMMARY": str(page)}

    def _read(**more):
        for name, value in (given | more).items():
            monkeypatch.setenv(name, value)
        files.read()
        return page.read_text()

    return _read


def test_the_page_says_what_each_stack_costs_then_and_now(read, tmp_path):
    path = tmp_path / "Pulumi.staging.yaml"
    path.write_text(STAGING.replace("size: 3", "size: 6"))
    assert "a month, +$" in read()


def test_a_fork_is_told_plainly_why_there_is_no_preview(read, capsys):
    page = read(FORK="true")
    assert "comes from a fork, so nothing here has credentials" in page
    assert "::notice::This pull request comes from a fork" in capsys.readouterr().out


def test_nobody_else_is(read):
    assert "fork" not in read(FORK="false")


@pytest.mark.parametrize("stack", ["bootstrap", "delivery", "repository"])
def test_a_mistake_in_the_file_of_a_stack_without_environments_is_named_too(read, tmp_path, stack):
    shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    path = tmp_path / f"Pulumi.{stack}.yaml"
    assert f"| {stack} | costs nothing |" in read(TOUCHED=json.dumps([stack]))
    path.write_text(path.read_text() + "  alys:nonsense: 1\n")
    with pytest.raises(Refusal, match="nonsense"):
        read(TOUCHED=json.dumps([stack]))


def test_a_mistake_in_a_file_is_named_with_its_key(read, tmp_path):
    (tmp_path / "Pulumi.staging.yaml").write_text(STAGING.replace("replicas: 3", "replicaz: 3"))
    with pytest.raises(Refusal, match="replicaz"):
        read()
