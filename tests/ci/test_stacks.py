"""Which stacks a workflow is for."""

import json
import re
import subprocess

import pytest

from ci import stacks
from ci.report import Refusal
from ci.stacks import brought_back, pinned, pinned_anew, touched
from sections.pin import Pin

STAGING = "config:\n  alys:version: v1.0.0\n  alys:flags: {}\n  alys:github: {repository: a/b}\n"
STACKS = ("production", "staging", "testnet")


def test_a_pin_is_every_key_of_one():
    text = "config:\n" + "".join(f"  alys:{key}: x\n" for key in Pin.model_fields) + "  alys:github: {}\n"
    assert pinned(text) == dict.fromkeys(Pin.model_fields, "x")


@pytest.mark.parametrize(
    ("was", "is_"), [("v1.0.0", "v2.0.0"), ("flags: {}", "flags: {a: true}"), ("flags: {}", "rollout: 50")]
)
def test_each_key_of_the_pin_counts(was, is_):
    assert pinned_anew({"staging": STAGING}, {"staging": STAGING.replace(was, is_)}) == ["staging"]


@pytest.mark.parametrize(("was", "is_"), [("a/b", "c/d"), ("config:", "# a remark\nconfig:"), ("x", "y")])
def test_nothing_else_does(was, is_):
    assert pinned_anew({"staging": STAGING}, {"staging": STAGING.replace(was, is_)}) == []


def test_a_stack_that_is_new_or_gone_is_not_deployed_by_itself():
    assert pinned_anew({"staging": STAGING}, {"canary": STAGING}) == []


def test_a_stack_file_touches_its_stack():
    assert touched(["Pulumi.staging.yaml", "docs/a.md"], STACKS) == ["staging"]


@pytest.mark.parametrize(
    "path", ["components/cluster.py", "__main__.py", "chart/values.yaml", "uv.lock", "settings.py"]
)
def test_the_program_touches_every_stack(path):
    assert touched([path, "Pulumi.staging.yaml"], STACKS) == list(STACKS)


@pytest.mark.parametrize(
    "path", ["docs/how-to/x.md", "tests/test_x.py", "README.md", "examples/node/src/main.rs"]
)
def test_what_nothing_is_declared_from_touches_none(path):
    assert touched([path], STACKS) == []


def test_a_pin_that_a_pipeline_has_brought_back_is_known_by_its_branch_and_its_author():
    def pull(ref, login):
        return {"head": {"ref": ref}, "user": {"login": login}}

    assert brought_back([pull("alys-release/pin/staging-17", "github-actions[bot]")])
    assert not brought_back([pull("alys-release/pin/staging-17", "mallory")])
    assert not brought_back([pull("main", "github-actions[bot]")])
    assert not brought_back([])


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A repository with two stacks that have environments, and one that has none."""
    monkeypatch.chdir(tmp_path)
    for name in ("staging", "testnet"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text(STAGING)
    (tmp_path / "Pulumi.local.yaml").write_text("config:\n  alys:version: v1.0.0\n")
    git("init", "-q")
    return commit


def git(*words):
    who = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True).stdout.strip()


def commit():
    git("add", "-A")
    git("commit", "-qm", "x")
    return git("rev-parse", "HEAD")


@pytest.fixture
def asked(clone, repository, monkeypatch, tmp_path):
    """What a job's outputs are, with these variables."""

    def _asked(verb, **variables):
        (tmp_path / ".out").write_text("")
        given = {
            "GITHUB_REPOSITORY": "a/b",
            "GITHUB_TOKEN": "t",
            "GITHUB_API_URL": repository.url,
            **variables,
        }
        for name, value in {**given, "GITHUB_OUTPUT": str(tmp_path / ".out")}.items():
            monkeypatch.setenv(name, value)
        verb()
        lines = (tmp_path / ".out").read_text().splitlines()
        return json.loads(lines[1]), lines[4]

    return _asked


def test_a_push_deploys_what_it_pins_anew(clone, asked, tmp_path):
    before = clone()
    for name in ("staging", "local"):
        path = tmp_path / f"Pulumi.{name}.yaml"
        path.write_text(path.read_text().replace("v1.0.0", "v2.0.0"))
    entries, any_ = asked(stacks.deploy, GITHUB_EVENT_NAME="push", BEFORE=before, GITHUB_SHA=clone())
    assert (entries, any_) == (
        [{"stack": "staging", "version": "", "steps": "", "retry": "", "reason": ""}],
        "true",
    )


@pytest.fixture
def pin(clone, repository, tmp_path):
    """Commits another version of a stack; whose pull request it came by, is known to GitHub."""

    def _pin(stack, version, login="ann", branch="a-branch"):
        path = tmp_path / f"Pulumi.{stack}.yaml"
        path.write_text(re.sub(r"v\d\.0\.0", version, path.read_text()))
        commit = clone()
        repository.came_by[commit] = [{"head": {"ref": branch}, "user": {"login": login}}]
        return commit

    return _pin


BY_A_PIPELINE = {"login": "github-actions[bot]", "branch": "alys-release/pin/staging-17"}


def pushed(asked, before, after):
    return [
        one["stack"]
        for one in asked(stacks.deploy, GITHUB_EVENT_NAME="push", BEFORE=before, GITHUB_SHA=after)[0]
    ]


def test_a_push_of_what_a_pipeline_released_deploys_nothing_again(clone, asked, pin):
    before = clone()
    after = pin("staging", "v2.0.0", **BY_A_PIPELINE)
    push = {"GITHUB_EVENT_NAME": "push", "BEFORE": before, "GITHUB_SHA": after}
    assert asked(stacks.deploy, **push) == ([], "false")


def test_a_push_of_several_commits_deploys_what_somebody_pinned_in_any_of_them(clone, asked, pin):
    """A merge queue pushes several pull requests at once, and the last may be a pipeline's."""
    before = clone()
    pin("testnet", "v3.0.0")
    after = pin("staging", "v2.0.0", **BY_A_PIPELINE)
    assert pushed(asked, before, after) == ["testnet"]


def test_a_pin_that_somebody_wrote_beside_a_pipelines_is_deployed(clone, asked, pin):
    before = clone()
    pin("staging", "v2.0.0", **BY_A_PIPELINE)
    assert pushed(asked, before, pin("staging", "v3.0.0")) == ["staging"]


def test_a_dispatch_deploys_what_it_names(clone, asked):
    clone()
    entries, _ = asked(
        stacks.deploy, GITHUB_EVENT_NAME="workflow_dispatch", STACK="staging", VERSION="v2.0.0"
    )
    assert entries == [{"stack": "staging", "version": "v2.0.0", "steps": "", "retry": "", "reason": ""}]


def test_a_tag_deploys_its_version_to_the_first_environment(clone, asked):
    clone()
    tag = {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v2.0.0", "TAGS_GO_TO": "testnet"}
    entries, _ = asked(stacks.deploy, GITHUB_EVENT_NAME="push", **tag)
    assert [(one["stack"], one["version"]) for one in entries] == [("testnet", "v2.0.0")]


def test_a_tag_that_is_no_version_is_refused(clone, asked):
    clone()
    tag = {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v$(id)", "TAGS_GO_TO": "testnet"}
    with pytest.raises(Refusal, match="is not an image tag"):
        asked(stacks.deploy, GITHUB_EVENT_NAME="push", **tag)


def test_a_stack_without_an_environment_is_refused_by_name(clone, asked):
    clone()
    with pytest.raises(Refusal, match="local has no environment on GitHub; there are staging, testnet"):
        asked(stacks.deploy, GITHUB_EVENT_NAME="workflow_dispatch", STACK="local")


def test_a_pull_request_previews_what_it_touches_since_it_left_its_base(clone, asked, tmp_path):
    base = clone()
    (tmp_path / "Pulumi.testnet.yaml").write_text(STAGING.replace("v1", "v2"))
    clone()
    assert asked(stacks.preview, BASE=base) == ([{"stack": "testnet"}], "true")


def test_a_file_of_a_stack_without_environments_is_read_and_not_previewed(clone, asked, tmp_path):
    """The rules of the repositories and the bucket for state are such stacks."""
    base = clone()
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text(path.read_text().replace("v1", "v2"))
    clone()
    assert asked(stacks.preview, BASE=base) == ([], "false")
    assert json.loads((tmp_path / ".out").read_text().splitlines()[7]) == ["local"]


def test_drift_is_looked_for_in_every_environment(asked):
    assert asked(stacks.drift)[0] == [{"stack": "staging"}, {"stack": "testnet"}]


def test_a_checkout_without_history_is_told_so(clone, asked):
    clone()
    with pytest.raises(Refusal, match="Does the checkout have the history"):
        asked(stacks.preview, BASE="a" * 40)
