import pytest

from tests.sections.refusals import refusal


def test_a_backup_that_its_lock_would_refuse_is_refused_first():
    message = refusal("backups", {"days": 5, "lock": {"least_days": 7}})
    assert "alys:backups.days = 5 is shorter than the lock's least_days, 7" in message
    assert "days: 35" in message


@pytest.mark.parametrize("schedule", ["daily", "0 3 * * *"])
def test_a_schedule_that_aws_does_not_read_is_refused(schedule):
    message = refusal("backups.schedule", schedule)
    assert "alys:backups.schedule" in message
    assert "cron(0 3 * * ? *)" in message
