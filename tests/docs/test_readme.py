"""What the README says that the program knows better."""

import re

import pytest

from components.cost_estimate import monthly_estimate
from docs.generate.environments import ENVIRONMENTS
from settings import load
from tests.stacks import CLONE

COSTS = dict(
    re.findall(rf"({'|'.join(ENVIRONMENTS)})\s+(?:about )?\$([\d,]*\d)", (CLONE / "README.md").read_text())
)


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_readme_says_what_an_environment_costs(stack: str):
    estimate = monthly_estimate(load(CLONE / f"Pulumi.{stack}.yaml"))
    assert COSTS[stack] == f"{float(f'{estimate.dollars:.2g}'):,.0f}"
