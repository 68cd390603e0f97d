import json

from local.plugins.policy_document import render


def rendered(**statement):
    return json.loads(render({"statements": [statement]}))["Statement"][0]


def test_a_statement_is_written_as_iam_reads_it():
    condition = {"test": "StringEquals", "variable": "aud", "values": ["sts"]}
    federated = {"type": "Federated", "identifiers": ["arn:x"]}
    assert rendered(actions=["sts:Assume", "sts:Tag"], principals=[federated], conditions=[condition]) == {
        "Effect": "Allow",
        "Action": ["sts:Assume", "sts:Tag"],
        "Principal": {"Federated": "arn:x"},
        "Condition": {"StringEquals": {"aud": "sts"}},
    }


def test_everybody_is_a_star():
    """A wildcard must stay visible to whoever checks the document."""
    assert rendered(principals=[{"type": "*", "identifiers": ["*"]}])["Principal"] == "*"


def test_a_denial_stays_one():
    assert rendered(effect="Deny", notActions=["s3:*"]) == {"Effect": "Deny", "NotAction": "s3:*"}


def test_two_conditions_of_one_test_are_both_kept():
    conditions = [{"test": "StringEquals", "variable": v, "values": [v]} for v in ("aud", "sub")]
    assert rendered(conditions=conditions)["Condition"] == {"StringEquals": {"aud": "aud", "sub": "sub"}}


def test_no_statement_is_an_empty_document():
    assert json.loads(render({})) == {"Version": "2012-10-17", "Statement": []}
