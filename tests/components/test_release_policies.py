import json

import pytest

from components.release_policies import Scope, boundary, preview_policy, release_policy
from sections.access import StateAccess
from sections.account import Account
from tests.cloud import ACCOUNT, STATE

SCOPE = Scope(stack="staging", account=Account(**ACCOUNT), state=StateAccess(**STATE))
MANAGED_POLICY_LIMIT = 6144
"""Characters that IAM takes in a managed policy, white space left out."""


def statements(text):
    return {one["Sid"]: one for one in json.loads(text)["Statement"]}


def actions(text):
    return {action for one in json.loads(text)["Statement"] for action in one["Action"]}


def test_a_release_writes_the_state_of_its_stack_and_of_no_other():
    written = statements(release_policy(SCOPE))["State"]
    assert "s3:PutObject" in written["Action"]
    assert all("/staging" in resource for resource in written["Resource"])
    assert all(
        resource.startswith("arn:aws:s3:::alys-state-111111111111/") for resource in written["Resource"]
    )


@pytest.mark.parametrize("policy", [release_policy, preview_policy, boundary])
def test_the_key_that_all_stacks_have_opens_no_secret_of_another(policy):
    """A secret is bound to its stack's name; without a condition the right would be one on all of them."""
    found = statements(policy(SCOPE))
    opening = [one for one in found.values() if "kms:Decrypt" in one["Action"]]
    assert [one["Condition"] for one in opening] == [
        {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        {"StringEquals": {"kms:EncryptionContext:stack": "staging"}},
    ]


def test_a_preview_makes_no_secret():
    opening = [one for one in statements(preview_policy(SCOPE)).values() if one["Sid"].endswith("Key")]
    assert {action for one in opening for action in one["Action"]} == {"kms:Decrypt"}


def test_a_stack_whose_name_begins_the_same_is_another():
    """`staging.json` is the stack's, `staging-2.json` isn't."""
    prefixes = [
        resource.rpartition("/staging")[2]
        for resource in statements(release_policy(SCOPE))["State"]["Resource"]
    ]
    assert set(prefixes) == {".*", "/*"}


def test_a_release_changes_nothing_in_aws_but_its_state():
    assert {action.partition(":")[0] for action in actions(release_policy(SCOPE))} == {"s3", "kms", "eks"}
    assert "eks:DescribeCluster" in actions(release_policy(SCOPE))


def test_a_preview_writes_nothing():
    verbs = {action.partition(":")[2] for action in actions(preview_policy(SCOPE))}
    assert {verb for verb in verbs if not verb.startswith(("Describe", "Get", "List", "View"))} == {"Decrypt"}


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "logs:GetLogEvents", "kms:Encrypt"])
def test_a_preview_reads_no_content(action):
    assert action not in actions(preview_policy(SCOPE))


@pytest.mark.parametrize("policy", [release_policy, preview_policy])
def test_what_a_role_is_given_is_inside_the_boundary(policy):
    assert actions(policy(SCOPE)) <= actions(boundary(SCOPE))


def test_no_boundary_lets_a_role_give_itself_more():
    assert [
        action for action in actions(boundary(SCOPE)) if action.startswith(("iam:Put", "iam:Attach"))
    ] == []
    assert not any("*" in action for action in actions(boundary(SCOPE)))


def test_the_boundary_is_as_short_as_iam_wants_it():
    assert len(boundary(SCOPE)) < MANAGED_POLICY_LIMIT
