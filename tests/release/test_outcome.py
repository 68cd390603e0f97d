from release.outcome import Outcome


def test_each_outcome_has_an_exit_code_of_its_own():
    """An Enum would quietly make two outcomes with the same code and text one."""
    codes = [outcome.exit_code for outcome in Outcome]
    assert len(set(codes)) == len(codes) == 13


def test_the_codes_that_scripts_lean_on():
    assert {outcome.label: outcome.exit_code for outcome in Outcome} == {
        "done": 0,
        "usage": 2,
        "refused": 3,
        "rolled back": 4,
        "rollback failed": 5,
        "lock held": 6,
        "unknown": 7,
        "gate failed": 8,
        "gate unknown": 9,
        "drifted": 10,
        "no way back": 11,
        "not well": 12,
        "cancelled": 130,
    }
