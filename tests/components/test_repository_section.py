from pathlib import Path

import pytest
from pydantic import ValidationError

from components.repository_section import declare_repository
from sections.repository import Repository
from tests.recorder import record

RULESET = "github:index/repositoryRuleset:RepositoryRuleset"
FILE = "github:index/repositoryFile:RepositoryFile"
REPOSITORY = {"repository": "alys/alys", "required_checks": ["check", "test"]}
PINNED = {"source": "alys/alys-release", "commit": "0123456789abcdef0123456789abcdef01234567"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy.yml").write_text("name: deploy\n")
    (tmp_path / "README.md").write_text("not a workflow\n")
    return tmp_path


def declared(**changes):
    return record(lambda: declare_repository(Repository.model_validate({**REPOSITORY, **changes})))


def rules_of(name):
    return declared(pipelines=None).one(RULESET, name).inputs


def test_no_ruleset_can_be_gone_around():
    rulesets = declared(pipelines=None).all(RULESET)
    assert [(one.inputs["enforcement"], one.inputs.get("bypassActors")) for one in rulesets] == [
        ("active", None),
        ("active", None),
    ]


def test_the_default_branch_takes_only_what_was_reviewed():
    pull_request = rules_of("repository-branch")["rules"]["pullRequest"]
    assert pull_request["requiredApprovingReviewCount"] == 1
    assert pull_request["dismissStaleReviewsOnPush"] is True
    assert pull_request["requireLastPushApproval"] is True
    assert pull_request["requireCodeOwnerReview"] is True
    assert pull_request["requiredReviewThreadResolution"] is True


def test_the_default_branch_takes_only_what_passed_its_checks():
    checks = rules_of("repository-branch")["rules"]["requiredStatusChecks"]
    assert [one["context"] for one in checks["requiredChecks"]] == ["check", "test"]


def test_history_is_never_rewritten():
    rules = rules_of("repository-branch")["rules"]
    assert (rules["nonFastForward"], rules["deletion"]) == (True, True)


def test_a_commit_on_the_default_branch_is_signed():
    assert rules_of("repository-branch")["rules"]["requiredSignatures"] is True


def test_a_release_tag_is_signed_and_never_moves():
    ruleset = rules_of("repository-tags")
    assert ruleset["conditions"]["refName"]["includes"] == ["refs/tags/v*"]
    assert ruleset["rules"] == {
        "deletion": True,
        "nonFastForward": True,
        "update": True,
        "requiredSignatures": True,
    }


def test_an_action_is_pinned_by_commit_and_known():
    actions = declared(pipelines=None, allowed_actions=["docker/*@*"])
    inputs = actions.one("github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions").inputs
    assert (inputs["shaPinningRequired"], inputs["allowedActions"]) == (True, "selected")
    assert inputs["allowedActionsConfig"]["patternsAlloweds"] == ["docker/*@*"]


def test_a_token_can_only_read_unless_a_workflow_asks_for_more():
    token = declared(pipelines=None).one(
        "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions"
    )
    assert token.inputs["defaultWorkflowPermissions"] == "read"
    assert token.inputs["canApprovePullRequestReviews"] is False


def test_workflows_open_pull_requests_where_that_is_declared():
    """GitHub has one switch for opening and approving; a code owner has to approve all the same."""
    recording = declared(pipelines=None, workflows_open_pull_requests=True)
    token = recording.one("github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions")
    assert token.inputs["canApprovePullRequestReviews"] is True
    branch = recording.one(RULESET, "repository-branch").inputs
    assert branch["rules"]["pullRequest"]["requireCodeOwnerReview"] is True


def test_alerts_and_security_updates_are_on_the_updates_after_the_alerts():
    recording = declared(pipelines=None)
    alerts = recording.one("github:index/repositoryVulnerabilityAlerts:RepositoryVulnerabilityAlerts")
    updates = recording.one(
        "github:index/repositoryDependabotSecurityUpdates:RepositoryDependabotSecurityUpdates"
    )
    assert (alerts.inputs["enabled"], updates.inputs["enabled"]) == (True, True)
    assert alerts.urn in updates.depends_on


def test_a_workflow_file_comes_by_pull_request(folder):
    recording = declared(pipelines={**PINNED, "folder": str(folder), "branch": "alys-release/pipelines"})
    file = recording.one(FILE).inputs
    assert (file["file"], file["content"]) == (".github/workflows/deploy.yml", "name: deploy\n")
    assert (file["branch"], file["autocreateBranchSourceBranch"]) == ("alys-release/pipelines", "main")


def test_a_caller_calls_this_repository_at_the_pinned_commit(folder):
    (folder / "deploy.yml").write_text("jobs:\n  a:\n    uses: ./.github/workflows/deploy.yml\n")
    file = declared(pipelines={**PINNED, "folder": str(folder)}).one(FILE).inputs
    assert file["content"].splitlines()[-1].strip() == (
        f"uses: alys/alys-release/.github/workflows/deploy.yml@{PINNED['commit']}"
    )


def test_the_callers_of_this_repository_call_nothing_local_once_they_are_installed():
    recording = declared(pipelines={**PINNED, "folder": str(Path(__file__).parents[2] / "pipelines")})
    contents = {one.inputs["file"]: one.inputs["content"] for one in recording.all(FILE)}
    assert {f".github/workflows/{name}.yml" for name in ("ci", "security", "image", "benchmarks")} <= set(
        contents
    )
    for content in contents.values():
        assert content.count("uses: ") == content.count(f"@{PINNED['commit']}") > 0
        assert "uses: ./" not in content


def test_called_workflows_are_allowed_beside_the_actions():
    actions = declared(pipelines=PINNED, allowed_actions=["docker/*@*"])
    inputs = actions.one("github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions").inputs
    assert inputs["allowedActionsConfig"]["patternsAlloweds"] == ["docker/*@*", "alys/alys-release/*@*"]


def test_a_commit_is_whole():
    with pytest.raises(ValidationError, match="commit"):
        Repository.model_validate({**REPOSITORY, "pipelines": {**PINNED, "commit": "main"}})


def test_a_folder_that_is_not_there_installs_nothing(tmp_path):
    assert declared(pipelines={**PINNED, "folder": str(tmp_path / "none")}).all(FILE) == []


def told(folder):
    outputs = {}
    rules = Repository.model_validate({**REPOSITORY, "pipelines": {**PINNED, "folder": str(folder)}})
    record(lambda: outputs.update(declare_repository(rules)))
    return outputs


def test_nothing_to_install_is_no_pull_request_to_open(tmp_path):
    assert told(tmp_path) == {"repository": "alys/alys"}


def test_the_address_of_the_pull_request_is_an_output(folder):
    assert told(folder)["pipelinesPullRequest"] == (
        "https://github.com/alys/alys/compare/main...alys-release/pipelines?expand=1"
    )
