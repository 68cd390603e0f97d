from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.subnets import zone_subnets
from sections.network import NARROWEST, WIDEST

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@st.composite
def networks(draw):
    prefix = draw(st.integers(WIDEST, NARROWEST))
    start = draw(st.integers(0, 2 ** (prefix - 8) - 1))
    return str(IPv4Network((int(IPv4Network("10.0.0.0/8")[0]) + (start << (32 - prefix)), prefix)))


zones = st.integers(2, 3).map(lambda count: ZONES[:count])


def subnets(cidr, names):
    return [IPv4Network(text) for zone in zone_subnets(cidr, names) for text in (zone.private, zone.public)]


@given(networks(), zones)
def test_every_subnet_is_inside_the_network(cidr, names):
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets(cidr, names))


@given(networks(), zones)
def test_no_two_subnets_overlap(cidr, names):
    assert not any(one.overlaps(other) for one, other in combinations(subnets(cidr, names), 2))


@given(networks())
def test_a_third_zone_moves_no_other(cidr):
    assert zone_subnets(cidr, ZONES)[:2] == zone_subnets(cidr, ZONES[:2])


@given(networks(), zones)
def test_no_subnet_is_smaller_than_aws_allows(cidr, names):
    assert max(subnet.prefixlen for subnet in subnets(cidr, names)) <= 28


def test_the_private_subnets_of_the_widest_network_hold_eight_thousand_pods():
    first = zone_subnets("10.20.0.0/16", ZONES)[0]
    assert (first.private, first.public) == ("10.20.0.0/19", "10.20.32.0/22")


def test_more_zones_than_there_is_room_for_are_refused():
    with pytest.raises(ValueError, match="zip"):
        zone_subnets("10.20.0.0/16", [*ZONES, "us-east-1d", "us-east-1e"])
