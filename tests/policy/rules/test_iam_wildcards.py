import pytest

from policy.rules.iam_wildcards import NO_WILDCARDS
from tests.policy.declarations import document, found

POLICY = "aws:iam/policy:Policy"


def refused(**statement):
    return found(NO_WILDCARDS, POLICY, {"policy": document({"Effect": "Allow", **statement})})


@pytest.mark.parametrize("action", ["*", "s3:*", "iam:Pass*", ["s3:GetObject", "kms:*"]])
def test_a_wildcard_action_on_every_resource_is_refused(action):
    assert "on every resource" in refused(Action=action, Resource="*")


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:GetObject", "Resource": "*"},
        {"Action": "s3:*", "Resource": "arn:aws:s3:::alys-state/*"},
        {"Action": ["ec2:Describe*", "eks:List*"], "Resource": "*"},
    ],
    ids=["a named action", "a named resource", "reading alone"],
)
def test_one_side_named_is_accepted(statement):
    assert not refused(**statement)


def test_everything_but_a_list_is_refused():
    assert "NotAction" in refused(NotAction="iam:*", Resource="arn:aws:s3:::alys-state")
    assert "on every resource" in refused(Action="s3:*", NotResource="arn:aws:s3:::other")


def test_a_denial_may_be_as_wide_as_it_likes():
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert not found(NO_WILDCARDS, POLICY, {"policy": document(statement)})


def test_a_policy_inside_a_role_is_no_way_around():
    wide = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    role = {"inlinePolicies": [{"name": "all", "policy": wide}]}
    assert "on every resource" in found(NO_WILDCARDS, "aws:iam/role:Role", role)


@pytest.mark.parametrize(
    ("managed", "bad"), [("AdministratorAccess", True), ("AmazonEKSClusterPolicy", False)]
)
def test_amazons_policies_for_everything_are_refused(managed, bad):
    attached = {"policyArn": f"arn:aws:iam::aws:policy/{managed}"}
    assert bool(found(NO_WILDCARDS, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", attached)) is bad
