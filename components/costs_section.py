"""The `costs` section: a budget, and a watch for sudden changes."""

import json

from pulumi import ResourceOptions
from pulumi_aws import budgets, costexplorer

from components.aws_account import Place
from sections.costs import Costs

ALERTS = ((50.0, "ACTUAL"), (80.0, "ACTUAL"), (100.0, "ACTUAL"), (100.0, "FORECASTED"))
"""Percent of the budget, spent or foreseen."""


def declare_costs(where: Place, costs: Costs) -> None:
    """Declare both for what carries the `environment` tag of the stack.

    The tag counts once it is active as a cost allocation tag, which the payer's account says.
    """
    stack, opts = where.stack, ResourceOptions(provider=where.provider)
    budgets.Budget(
        "budget",
        name=f"alys-{stack}",
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{costs.monthly}.0",
        limit_unit="USD",
        cost_filters=[budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:environment${stack}"])],
        notifications=[
            budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                threshold=percent,
                threshold_type="PERCENTAGE",
                notification_type=kind,
                subscriber_email_addresses=list(costs.emails),
            )
            for percent, kind in ALERTS
        ],
        opts=opts,
    )
    monitor = costexplorer.AnomalyMonitor(
        "anomalies",
        name=f"alys-{stack}",
        # An account has one monitor of services; of tags it may have many.
        monitor_type="CUSTOM",
        monitor_specification=json.dumps({"Tags": {"Key": "environment", "Values": [stack]}}),
        opts=opts,
    )
    costexplorer.AnomalySubscription(
        "anomalies",
        name=f"alys-{stack}",
        frequency="DAILY",
        monitor_arn_lists=[monitor.arn],
        subscribers=[
            costexplorer.AnomalySubscriptionSubscriberArgs(type="EMAIL", address=email)
            for email in costs.emails
        ],
        threshold_expression=costexplorer.AnomalySubscriptionThresholdExpressionArgs(
            dimension=costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                match_options=["GREATER_THAN_OR_EQUAL"],
                values=[str(costs.anomaly)],
            )
        ),
        opts=opts,
    )
