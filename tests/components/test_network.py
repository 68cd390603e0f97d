import pytest

from tests.cloud import NETWORK, with_cluster

ROUTE = "aws:ec2/route:Route"
SUBNET = "aws:ec2/subnet:Subnet"


def network(**changes):
    return with_cluster(network={**NETWORK, **changes})


def ways_out(recording):
    """The NAT gateway of each private route, by the route's name."""
    return {
        one.name: one.inputs["natGatewayId"] for one in recording.all(ROUTE) if "natGatewayId" in one.inputs
    }


@pytest.mark.parametrize("count", [2, 3])
def test_each_zone_has_a_public_and_a_private_subnet(count):
    zones = NETWORK["zones"][:count]
    placed = [one.name for one in network(zones=zones).all(SUBNET)]
    assert set(placed) == {f"network-{kind}-{zone}" for zone in zones for kind in ("public", "private")}


def test_load_balancers_find_their_subnets_by_tags():
    roles = [
        next(key for key in one.inputs["tags"] if key.startswith("kubernetes.io/role/"))
        for one in network().all(SUBNET)
    ]
    assert sorted(roles) == ["kubernetes.io/role/elb"] * 3 + ["kubernetes.io/role/internal-elb"] * 3


def test_no_machine_gets_a_public_address_by_itself():
    assert {one.inputs["mapPublicIpOnLaunch"] for one in network().all(SUBNET)} == {False}


def test_one_nat_gateway_serves_every_zone():
    recording = network(nat="one")
    assert len(recording.all("aws:ec2/natGateway:NatGateway")) == 1
    assert len(ways_out(recording)) == 3
    assert len(set(ways_out(recording).values())) == 1


def test_with_one_each_no_zone_leaves_through_another():
    recording = network(nat="each-zone")
    assert len(recording.all("aws:ec2/natGateway:NatGateway")) == 3
    assert len(set(ways_out(recording).values())) == 3


def test_a_nat_gateway_is_in_the_public_subnet_of_its_zone():
    recording = network(nat="each-zone")
    for nat in recording.all("aws:ec2/natGateway:NatGateway"):
        zone = nat.name.removeprefix("network-nat-")
        assert nat.inputs["subnetId"] == f"network-public-{zone}-id"


def test_a_nat_gateway_waits_for_the_way_out():
    (nat,) = network().all("aws:ec2/natGateway:NatGateway")
    assert any(urn.endswith("::network-public") for urn in nat.depends_on)


def test_s3_is_reached_from_every_private_subnet_without_nat():
    endpoint = network().one("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint.inputs["routeTableIds"] == [f"network-private-{zone}-id" for zone in NETWORK["zones"]]


def test_nothing_passes_the_default_security_group():
    closed = network().one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert "ingress" not in closed.inputs
    assert "egress" not in closed.inputs


def test_network_and_subnets_are_protected():
    recording = network()
    assert recording.one("aws:ec2/vpc:Vpc").protect
    assert all(one.protect for one in recording.all(SUBNET))


def test_a_network_that_may_go_is_not_protected():
    recording = with_cluster(protect=False)
    assert not recording.one("aws:ec2/vpc:Vpc").protect


def test_a_zone_that_is_added_changes_no_subnet_of_the_others():
    before = {one.urn: one.inputs for one in network(zones=NETWORK["zones"][:2]).all(SUBNET)}
    after = {one.urn: one.inputs for one in network().all(SUBNET)}
    assert before.items() <= after.items()
