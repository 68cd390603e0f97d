"""Production as it is declared, with one thing made worse: each rule notices its own."""

import json
from dataclasses import replace
from functools import cache

import pytest

from policy.declaration import Declaration
from policy.rule import program_violations, violations
from policy.rules import PROGRAM_RULES, RULES
from tests.policy.test_stacks import declarations
from tests.stacks import recorded

ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment"
REFS = "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy"
RELEASE = "kubernetes:helm.sh/v3:Release"


def with_inputs(**changes):
    return lambda one: replace(one, inputs={**one.inputs, **changes})


def with_text(old, new):
    """Whatever the form of the inputs: the same with another text in it."""

    def changed(one):
        before = json.dumps(one.inputs)
        after = before.replace(old, new)
        return one if after == before else replace(one, inputs=json.loads(after))

    return changed


def with_image(**changes):
    def changed(one):
        values = one.inputs["values"]
        if "image" not in values:
            return one
        return with_inputs(values={**values, "image": {**values["image"], **changes}})(one)

    return changed


SABOTAGE = {
    "images-by-digest": (RELEASE, with_image(digest="")),
    "images-from-allowed-registries": (RELEASE, with_image(repository="docker.io/alys/node")),
    "images-never-latest": (RELEASE, with_image(version="latest")),
    "namespaces-restricted": ("kubernetes:core/v1:Namespace", with_text('"restricted"', '"privileged"')),
    "no-public-endpoint": (
        "aws:eks/cluster:Cluster",
        with_text('"endpointPublicAccess": false', '"endpointPublicAccess": true'),
    ),
    "encryption-at-rest": ("aws:ec2/launchTemplate:LaunchTemplate", with_inputs(blockDeviceMappings=[])),
    "iam-no-wildcards": (
        "aws:iam/rolePolicy:RolePolicy",
        with_inputs(policy='{"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}'),
    ),
    "oidc-exact-subject": ("aws:iam/role:Role", with_text(":environment:production", ":environment:*")),
    "environments-without-bypass": (ENVIRONMENT, with_inputs(canAdminsBypass=True)),
    "environments-name-their-refs": (REFS, with_text('"main"', '"*"')),
    "protected-from-deletion": ("aws:eks/cluster:Cluster", lambda one: replace(one, protect=False)),
    "required-tags": ("aws:ec2/vpc:Vpc", lambda one: replace(one, provider={})),
    "no-plain-secrets": (
        "aws:secretsmanager/secretVersion:SecretVersion",
        with_inputs(secretString="hunter2"),
    ),
}


@cache
def production() -> tuple[Declaration, ...]:
    return tuple(declarations(recorded("production")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_is_made_worse_is_noticed_by_its_rule(rule):
    type_, worsen = SABOTAGE[rule.name]
    sound = [one for one in production() if one.type == type_]
    worse = [worsen(one) for one in sound]
    assert worse != sound, "nothing was made worse"
    assert {one.rule for declaration in worse for one in violations([rule], declaration)} == {rule.name}


def test_a_state_bucket_without_its_key_is_noticed():
    """Buckets stand in the stack that keeps the state of the others."""
    kept = [one for one in declarations(recorded("bootstrap")) if "ServerSideEncryption" not in one.type]
    assert {one.rule for one in program_violations(PROGRAM_RULES, kept)} == {"buckets-closed"}
