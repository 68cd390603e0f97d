import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.cost_estimate import (
    PRICES,
    UnknownPriceError,
    gibibytes,
    monthly_estimate,
    read_prices,
    said,
)
from settings import Settings
from tests.cloud import ACCOUNT, CLUSTER, NETWORK

CLONE = Path(__file__).parents[2]
ENVIRONMENTS = ("testnet", "staging", "canary", "production")
CHAIN = {"image": "ghcr.io/alys/node", "replicas": 2, "storage": "100Gi"}
PIN = {"version": "v1.0.0", "digest": "sha256:" + "0" * 64}


def settings_of(stack):
    config = yaml.safe_load((CLONE / f"Pulumi.{stack}.yaml").read_text())["config"]
    return Settings.model_validate({key.removeprefix("alys:"): value for key, value in config.items()})


def estimate(**sections):
    return monthly_estimate(Settings.model_validate({"account": ACCOUNT, **sections}))


def dollars(found, what):
    return next(line.dollars for line in found.lines if line.what.startswith(what))


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_an_environment_is_expected_to_stay_inside_its_budget(stack):
    found = settings_of(stack)
    assert found.costs is not None
    assert 0 < monthly_estimate(found).dollars < found.costs.monthly


def test_a_cluster_costs_its_control_plane_its_nat_and_its_machines():
    found = estimate(cluster=CLUSTER)
    assert dollars(found, "control plane") == 73.00
    assert dollars(found, "NAT gateways, 1") == pytest.approx((0.045 + 0.005) * 730)
    assert dollars(found, "machines system, 2 m7g.large") == pytest.approx(
        2 * (0.0816 * 730 + 50 * 0.08), abs=0.01
    )


def test_one_nat_gateway_in_each_zone_costs_three_times_as_much():
    found = estimate(cluster={**CLUSTER, "network": {**NETWORK, "nat": "each-zone"}})
    assert dollars(found, "NAT gateways, 3") == pytest.approx(
        3 * dollars(estimate(cluster=CLUSTER), "NAT gateways, 1")
    )


def test_a_group_in_each_zone_is_counted_in_each():
    groups = {"chain": {"instances": ["m7g.large"], "size": 2, "per_zone": True}}
    assert dollars(estimate(cluster={**CLUSTER, "node_groups": groups}), "machines chain, 6 m7g.large")


def test_chain_data_and_its_backups_are_counted():
    found = estimate(cluster=CLUSTER, release=CHAIN, backups={"days": 1}, **PIN)
    assert dollars(found, "chain data, 200 GiB") == 16.00
    assert dollars(found, "backups, 1 days") == 10.00


def test_a_second_region_doubles_the_backups():
    once = estimate(cluster=CLUSTER, release=CHAIN, backups={"days": 14}, **PIN)
    twice = estimate(cluster=CLUSTER, release=CHAIN, backups={"days": 14, "copy_to": "us-west-2"}, **PIN)
    assert dollars(twice, "backups") == pytest.approx(2 * dollars(once, "backups"))


def test_a_machine_without_a_price_is_named_with_the_line_to_add():
    groups = {"system": {"instances": ["x2gd.large"]}}
    with pytest.raises(UnknownPriceError) as refused:
        estimate(cluster={**CLUSTER, "node_groups": groups})
    assert "components/prices.toml has no price for x2gd.large" in str(refused.value)
    assert '"x2gd.large" = DOLLARS_AN_HOUR' in str(refused.value)


def test_a_stack_without_a_cluster_costs_nothing():
    assert estimate().dollars == 0


def test_the_day_of_the_prices_is_said():
    found = estimate(cluster=CLUSTER)
    assert (found.as_of, found.region) == (read_prices()["as_of"], "us-east-1")
    assert str(found.as_of) in PRICES.read_text()


@given(st.integers(1, 10_000))
def test_a_quantity_is_the_same_in_every_unit(number):
    assert gibibytes(f"{number}Gi") == number
    assert gibibytes(f"{number * 1024}Mi") == pytest.approx(number)
    assert gibibytes(f"{number}G") == pytest.approx(number * 10**9 / 2**30)


@given(st.integers(1, 20), st.integers(1, 20))
def test_more_machines_never_cost_less(few, more):
    def cost(size):
        return estimate(
            cluster={**CLUSTER, "node_groups": {"system": {"instances": ["m7g.large"], "size": size}}}
        )

    assert cost(few).dollars < cost(few + more).dollars


def test_people_are_told_the_sum_with_its_place_and_day():
    told = said(settings_of("staging"))
    assert re.fullmatch(r"\$[0-9,]+ a month at list prices \(us-east-1, \d{4}-\d\d-\d\d\)", told)


def test_a_machine_without_a_price_is_said_instead_of_a_wrong_sum():
    groups = {"system": {"instances": ["z9.mega"], "size": 1}}
    told = said(Settings.model_validate({"account": ACCOUNT, "cluster": {**CLUSTER, "node_groups": groups}}))
    assert told.startswith("no estimate: ")
    assert "z9.mega" in told
