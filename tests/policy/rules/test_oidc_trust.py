import pytest

from policy.rules.oidc_trust import EXACT_SUBJECT, ISSUER
from tests.policy.declarations import document, found

CLASSIC = "repo:alys/alys:environment:staging"
IMMUTABLE = "repo:alys@1234567/alys@987654321:environment:staging"
AUDIENCE = {f"{ISSUER}:aud": "sts.amazonaws.com"}


def trust(**conditions):
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111111111111:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    return found(EXACT_SUBJECT, "aws:iam/role:Role", {"assumeRolePolicy": document(statement)})


@pytest.mark.parametrize("subject", [CLASSIC, IMMUTABLE, [CLASSIC, IMMUTABLE]])
def test_an_exact_environment_is_accepted(subject):
    assert not trust(StringEquals={**AUDIENCE, f"{ISSUER}:sub": subject})


def test_a_subject_compared_by_pattern_is_refused():
    assert "every workflow" in trust(StringEquals=AUDIENCE, StringLike={f"{ISSUER}:sub": CLASSIC})


def test_no_subject_at_all_is_refused():
    assert "every workflow" in trust(StringEquals=AUDIENCE)


def test_a_wildcard_is_refused_even_where_it_would_match_nothing():
    subject = "repo:alys/alys:environment:*"
    assert "has a wildcard" in trust(StringEquals={**AUDIENCE, f"{ISSUER}:sub": subject})


@pytest.mark.parametrize("subject", ["repo:alys/alys:ref:refs/heads/main", "repo:alys/alys:pull_request"])
def test_a_subject_that_nobody_approves_is_refused(subject):
    assert "nobody approves" in trust(StringEquals={**AUDIENCE, f"{ISSUER}:sub": subject})


def test_a_token_made_for_others_is_refused():
    assert "made for others" in trust(StringEquals={f"{ISSUER}:sub": CLASSIC})


def test_a_role_for_a_service_is_none_of_this_rules_business():
    statement = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert not found(EXACT_SUBJECT, "aws:iam/role:Role", {"assumeRolePolicy": document(statement)})
