import pulumi
import pytest

from components.github_section import declare_github, runner_variable
from sections.github import Github
from tests.recorder import record

ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment"
POLICY = "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"
VARIABLE = "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable"
SECRET = "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret"

GITHUB = {
    "repository": "alys/alys",
    "deploy": {"reviewers": {"users": ["octocat"], "teams": ["release-managers"]}, "wait_minutes": 10},
    "rollback": {"reviewers": {"teams": ["on-call"]}},
}
CLOUD = {"PULUMI_BACKEND_URL": "s3://alys-state?region=us-east-1", "AWS_REGION": "us-east-1"}
TEAMS = {"release-managers": "11", "on-call": "12"}
USERS = {"octocat": "583231"}
ANSWERS = {
    "github:index/getTeam:getTeam": lambda args: {"id": TEAMS[args["slug"]]},
    "github:index/getUser:getUser": lambda args: {"id": USERS[args["username"]]},
}


def declared(*, secrets=None, roles=None, **changes):
    def program():
        declare_github(
            "staging",
            Github.model_validate({**GITHUB, **changes}),
            cloud=CLOUD,
            roles=roles or {},
            secrets=secrets or {},
        )

    return record(program, stack="staging", answers=ANSWERS)


def environments_of(recording, type_):
    return {one.inputs["environment"] for one in recording.all(type_)}


def refs_into(recording, environment, kind):
    policies = [one.inputs for one in recording.all(POLICY) if one.inputs["environment"] == environment]
    return [one[kind] for one in policies if kind in one]


def variables_of(recording, environment):
    found = [one.inputs for one in recording.all(VARIABLE) if one.inputs["environment"] == environment]
    return {one["variableName"]: one["value"] for one in found}


def test_deployment_rollback_and_preview_are_three_environments():
    recording = declared()
    assert environments_of(recording, ENVIRONMENT) == {"staging", "staging-rollback", "staging-preview"}


def test_no_administrator_goes_around_any_of_them():
    assert [one.inputs["canAdminsBypass"] for one in declared().all(ENVIRONMENT)] == [False] * 3


def test_reviewers_by_name_become_ids():
    environment = declared().one(ENVIRONMENT, "staging-environment").inputs
    assert environment["reviewers"] == [{"users": [583231], "teams": [11]}]


def test_an_approval_for_a_deployment_is_none_for_a_rollback():
    environment = declared().one(ENVIRONMENT, "staging-rollback-environment").inputs
    assert environment["reviewers"] == [{"users": [], "teams": [12]}]


def test_an_environment_without_reviewers_has_no_empty_list_of_them():
    environment = declared(deploy={}).one(ENVIRONMENT, "staging-environment").inputs
    assert "reviewers" not in environment


def test_whoever_starts_a_deployment_cannot_approve_it():
    environment = declared().one(ENVIRONMENT, "staging-environment").inputs
    assert (environment["preventSelfReview"], environment["waitTimer"]) == (True, 10)


@pytest.mark.parametrize("environment", ["staging", "staging-rollback"])
def test_only_the_default_branch_and_release_tags_reach_it(environment):
    recording = declared()
    assert refs_into(recording, environment, "branchPattern") == ["main"]
    assert refs_into(recording, environment, "tagPattern") == ["v*"]


def test_every_environment_names_its_refs_itself():
    """The OIDC subject of an environment carries no branch."""
    policies = [one.inputs["deploymentBranchPolicy"] for one in declared().all(ENVIRONMENT)]
    assert policies == [{"protectedBranches": False, "customBranchPolicies": True}] * 3


def test_a_pull_request_reaches_the_preview_alone():
    recording = declared()
    with_pulls = [
        one.inputs["environment"]
        for one in recording.all(POLICY)
        if one.inputs.get("branchPattern", "").startswith("refs/pull")
    ]
    assert with_pulls == ["staging-preview"]


def test_a_job_is_told_its_own_role_and_no_other():
    recording = declared(roles={"staging": "arn:deploy", "staging-preview": "arn:read"})
    roles = {
        name: variables_of(recording, name).get("AWS_ROLE_ARN")
        for name in ("staging", "staging-rollback", "staging-preview")
    }
    assert roles == {"staging": "arn:deploy", "staging-rollback": None, "staging-preview": "arn:read"}


def test_a_job_is_told_where_the_state_is_and_which_stack():
    told = variables_of(declared(variables={"PROMETHEUS_URL": "https://p.example"}), "staging-rollback")
    assert told == {
        "PULUMI_STACK": "staging",
        "PIN_BY": "pull-request",
        **CLOUD,
        "PROMETHEUS_URL": "https://p.example",
    }


def test_secrets_reach_deployment_and_rollback_but_no_preview():
    recording = declared(secrets={"NOTIFICATION_URLS": "slack://token"})
    assert environments_of(recording, SECRET) == {"staging", "staging-rollback"}


def test_a_secret_stays_one_even_where_it_came_as_plain_text():
    recording = declared(secrets={"NOTIFICATION_URLS": pulumi.Output.from_input("slack://token")})
    assert all(one.secrets == {"value"} for one in recording.all(SECRET))


def test_a_stack_can_do_without_a_preview():
    assert environments_of(declared(preview=False), ENVIRONMENT) == {"staging", "staging-rollback"}


def test_the_label_of_the_runners_is_a_variable_of_the_repository():
    """A job's machine is chosen before its environment's variables are read."""
    variable = declared(runner="alys-staging").one("github:index/actionsVariable:ActionsVariable", "runner")
    assert variable.inputs == {
        "repository": "alys",
        "variableName": "RUNNER_STAGING",
        "value": "alys-staging",
    }


def test_without_a_label_the_runners_are_githubs_own():
    assert not declared().all("github:index/actionsVariable:ActionsVariable")


def test_a_stack_whose_runners_no_workflow_could_look_up_is_refused():
    with pytest.raises(pulumi.RunError, match="where the name has a dash"):
        runner_variable("eu-staging")


def test_a_job_is_told_how_a_pin_is_brought_back():
    assert variables_of(declared(pin_by="commit"), "staging")["PIN_BY"] == "commit"


def test_another_order_of_branches_renames_nothing():
    """Names come from the contents, so that a new first entry doesn't replace the rest."""
    one = {r.name for r in declared(branches=["main", "release/*"]).all(POLICY)}
    other = {r.name for r in declared(branches=["release/*", "main"]).all(POLICY)}
    assert one == other


def test_all_of_it_is_made_by_the_provider_of_the_owner():
    recording = declared()
    provider = recording.one("pulumi:providers:github")
    assert provider.inputs["owner"] == "alys"
    made = [one for one in recording.registrations if one.type.startswith("github:")]
    assert {one.provider.rpartition("::")[0] for one in made} == {provider.urn}
