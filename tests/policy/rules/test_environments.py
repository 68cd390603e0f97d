import pytest

from policy.rules.environments import ENVIRONMENT, NO_BYPASS, OWN_REFS
from tests.policy.declarations import found

POLICY = "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"
GUARDED = {
    "environment": "production",
    "canAdminsBypass": False,
    "preventSelfReview": True,
    "reviewers": [{"teams": [11], "users": []}],
    "deploymentBranchPolicy": {"protectedBranches": False, "customBranchPolicies": True},
}


def without(key):
    return {name: value for name, value in GUARDED.items() if name != key}


def test_a_guarded_environment_is_accepted():
    assert not found(NO_BYPASS, ENVIRONMENT, GUARDED)
    assert not found(OWN_REFS, ENVIRONMENT, GUARDED)


@pytest.mark.parametrize("inputs", [without("canAdminsBypass"), {**GUARDED, "canAdminsBypass": True}])
def test_an_environment_that_administrators_go_around_is_refused(inputs):
    assert "go around" in found(NO_BYPASS, ENVIRONMENT, inputs)


def test_a_review_by_whoever_started_it_is_refused():
    assert "can approve it" in found(NO_BYPASS, ENVIRONMENT, without("preventSelfReview"))


def test_production_without_reviewers_is_refused():
    assert "nobody approves" in found(NO_BYPASS, ENVIRONMENT, without("reviewers"))


def test_a_preview_needs_no_reviewers():
    preview = {"environment": "production-preview", "canAdminsBypass": False}
    assert not found(NO_BYPASS, ENVIRONMENT, preview)


def test_an_environment_for_every_branch_is_refused():
    assert "every branch" in found(OWN_REFS, ENVIRONMENT, without("deploymentBranchPolicy"))


@pytest.mark.parametrize("pattern", ["*", "**/*"])
def test_a_pattern_for_every_branch_is_refused(pattern):
    refs = {"environment": "staging", "branchPattern": pattern}
    assert "every ref" in found(OWN_REFS, POLICY, refs)


@pytest.mark.parametrize(("pattern", "bad"), [("main", False), ("v*", False), ("release/*", True)])
def test_production_takes_the_default_branch_and_release_tags_alone(pattern, bad):
    refs = {"environment": "production", "branchPattern": pattern}
    assert ("reaches production" in found(OWN_REFS, POLICY, refs)) is bad


def test_a_testnet_may_take_more_branches():
    refs = {"environment": "testnet", "branchPattern": "release/*"}
    assert not found(OWN_REFS, POLICY, refs)
