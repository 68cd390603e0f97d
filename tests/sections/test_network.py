import pytest

from sections.network import Network
from tests.sections.refusals import refusal

HERE = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        ("10.20.0.1/16", "has host bits set"),
        ("10.20.0.0", "between /16 and /20"),
        ("10.0.0.0/8", "between /16 and /20"),
        ("10.20.0.0/24", "between /16 and /20"),
        ("8.8.0.0/16", "no private network"),
        ("over there", "no IPv4 network"),
    ],
)
def test_a_network_that_can_not_be_is_refused_with_the_yaml_to_paste(cidr, why):
    message = refusal("cluster.network.cidr", cidr)
    assert f'alys:cluster.network.cidr = "{cidr}"' in message
    assert why in message
    assert "cidr: 10.10.0.0/16" in message


def test_an_overlap_with_a_peer_is_refused_by_name():
    message = refusal("cluster.network.peers", ["10.30.0.0/16", "10.20.128.0/20"])
    assert "10.20.128.0/20 overlaps this network, 10.20.0.0/16" in message
    assert "cluster.network.peers" in message


@pytest.mark.parametrize("zones", [["us-east-1a"], ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]])
def test_a_network_has_two_or_three_zones(zones):
    assert "alys:cluster.network.zones" in refusal("cluster.network.zones", zones)


def test_a_zone_counts_once():
    assert "names a zone twice: us-east-1a, us-east-1a" in refusal(
        "cluster.network.zones", ["us-east-1a", "us-east-1a"]
    )


def test_one_nat_gateway_is_the_default():
    assert Network.model_validate(HERE).nat == "one"
