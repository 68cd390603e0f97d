import pytest

from settings import Settings
from tests.sections.refusals import changed, read, refusal


def test_there_is_a_strategy_where_nothing_is_said():
    strategy = Settings().strategy
    assert strategy.steps == (10, 50, 100)
    assert strategy.soak_seconds == 300


def test_steps_are_read_in_their_order():
    assert read(changed("strategy.steps", [25, 100])).strategy.steps == (25, 100)


@pytest.mark.parametrize("steps", [[50, 10, 100], [0, 100], [10, 50], [10, 10, 100], [50, 101], ["50%", 100]])
def test_steps_that_do_not_rise_to_100_are_refused(steps):
    said = refusal("strategy.steps", steps)
    assert "alys:strategy.steps" in said
    assert "- 10\n" in said, "the YAML to paste"


def test_an_address_with_a_password_in_it_is_refused():
    assert "alys:strategy.prometheus" in refusal(
        "strategy.prometheus", "http://user:password@prometheus:9090"
    )
