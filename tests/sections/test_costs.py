from tests.sections.refusals import refusal


def test_a_budget_that_nobody_hears_of_is_refused():
    assert "alys:costs.emails" in refusal("costs.emails", [])


def test_an_address_is_one():
    message = refusal("costs.emails", ["platform"])
    assert "alys:costs.emails.0" in message
    assert "platform@alys.example" in message
