import json

from tests.cloud import ACCOUNT, declared

PROVIDER = "pulumi:providers:aws"


def provider(**changes):
    inputs = declared(account={**ACCOUNT, **changes}).one(PROVIDER).inputs
    return {key: json.loads(text) if text[:1] in "[{" else text for key, text in inputs.items()}


def test_no_other_account_is_ever_touched():
    assert provider()["allowedAccountIds"] == ["111111111111"]


def test_everything_says_whose_it_is():
    assert provider(tags={"cost-center": "4711"})["defaultTags"]["tags"] == {
        "project": "alys",
        "environment": "staging",
        "owner": "platform",
        "managed-by": "pulumi",
        "cost-center": "4711",
    }


def test_a_tag_of_the_file_takes_none_of_ours_away():
    assert provider(tags={"environment": "mine"})["defaultTags"]["tags"]["environment"] == "staging"
