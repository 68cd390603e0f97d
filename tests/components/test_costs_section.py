import json

from tests.cloud import COSTS, declared

BUDGET = "aws:budgets/budget:Budget"


def costs(**changes):
    return declared(costs={**COSTS, **changes})


def test_people_are_told_at_each_part_of_the_budget_and_when_it_will_not_do():
    told = [
        (one["notificationType"], one["threshold"]) for one in costs().one(BUDGET).inputs["notifications"]
    ]
    assert told == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]


def test_everyone_is_told_each_time():
    emails = ["a@alys.example", "b@alys.example"]
    budget = costs(emails=emails).one(BUDGET)
    assert [one["subscriberEmailAddresses"] for one in budget.inputs["notifications"]] == [emails] * 4


def test_the_budget_is_for_what_carries_the_environments_tag():
    inputs = costs().one(BUDGET).inputs
    assert inputs["costFilters"] == [{"name": "TagKeyValue", "values": ["user:environment$staging"]}]
    assert (inputs["limitAmount"], inputs["limitUnit"]) == ("900.0", "USD")


def test_a_sudden_change_in_the_environment_is_told():
    recording = costs(anomaly=75)
    monitor = recording.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor")
    subscription = recording.one("aws:costexplorer/anomalySubscription:AnomalySubscription").inputs
    assert json.loads(monitor.inputs["monitorSpecification"]) == {
        "Tags": {"Key": "environment", "Values": ["staging"]}
    }
    assert subscription["thresholdExpression"]["dimension"]["values"] == ["75"]
    assert subscription["subscribers"] == [{"type": "EMAIL", "address": "platform@alys.example"}]
