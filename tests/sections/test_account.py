import pytest

from tests.sections.refusals import refusal


@pytest.mark.parametrize("account", ["1111", "11111111111a", ""])
def test_an_account_is_twelve_digits(account):
    message = refusal("account.id", account)
    assert "alys:account.id" in message
    assert "'111111111111'" in message


def test_an_account_without_quotes_is_no_text():
    """YAML reads it as a number, and would drop a zero at its beginning."""
    assert "alys:account.id = 111111111111 is no text" in refusal("account.id", 111111111111)


def test_a_tag_of_aws_own_is_refused():
    assert "alys:account.tags" in refusal("account.tags", {"aws:owner": "me"})


def test_nobody_answers_for_an_account_without_an_owner():
    assert "alys:account.owner is missing" in refusal("account.owner", None)
