import json

from hypothesis import given
from hypothesis import strategies as st

from components.github_trust import subject, trust_policy
from sections.access import Trust

IMMUTABLE = Trust(repository="alys/alys", owner_id=1234567, repository_id=987654321)
CLASSIC = Trust(repository="alys/alys", subject="classic")
names = st.from_regex(r"[a-z][a-z-]{0,20}", fullmatch=True)


def test_the_immutable_subject_holds_names_and_ids():
    assert subject(IMMUTABLE, "staging") == "repo:alys@1234567/alys@987654321:environment:staging"


def test_the_classic_subject_holds_names_alone():
    assert subject(CLASSIC, "staging") == "repo:alys/alys:environment:staging"


def test_the_immutable_form_is_the_default():
    assert Trust(repository="alys/alys", owner_id=1, repository_id=2).subject == "immutable"


@given(names, names)
def test_no_environment_is_trusted_for_another(one, other):
    assert (subject(IMMUTABLE, one) == subject(IMMUTABLE, other)) == (one == other)


def test_a_token_must_be_for_aws_and_from_exactly_this_environment():
    (statement,) = json.loads(trust_policy("111111111111", IMMUTABLE, "staging"))["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subject(IMMUTABLE, "staging"),
        }
    }
    assert statement["Principal"] == {
        "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    }
