import pytest

from policy.rules.public_endpoints import LIMITED
from tests.policy.declarations import found

CLUSTER = "aws:eks/cluster:Cluster"


def cluster(**network):
    return found(LIMITED, CLUSTER, {"vpcConfig": network})


def test_a_private_cluster_is_accepted():
    assert not cluster(endpointPublicAccess=False)


def test_a_public_cluster_with_its_callers_listed_is_accepted():
    assert not cluster(endpointPublicAccess=True, publicAccessCidrs=["203.0.113.0/24"])


@pytest.mark.parametrize(
    "network",
    [
        {},
        {"endpointPublicAccess": True},
        {"endpointPublicAccess": True, "publicAccessCidrs": []},
        {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24", "0.0.0.0/0"]},
    ],
    ids=["left to the default", "without CIDRs", "with none", "with everybody"],
)
def test_a_cluster_open_to_the_internet_is_refused(network):
    assert "open to the internet" in cluster(**network)


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
        ("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"ipv6CidrBlocks": ["::/0"]}]}),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"]}),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "0.0.0.0/0"}),
    ],
)
def test_a_security_group_that_lets_everybody_in_is_refused(type_, inputs):
    assert "the whole internet" in found(LIMITED, type_, inputs)


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"cidrBlocks": ["10.0.0.0/8"]}]}),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", {"type": "egress", "cidrBlocks": ["0.0.0.0/0"]}),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"cidrIpv4": "10.0.0.0/8"}),
    ],
)
def test_a_security_group_that_lets_some_in_is_accepted(type_, inputs):
    assert not found(LIMITED, type_, inputs)


@pytest.mark.parametrize("ranges", [[], ["0.0.0.0/0"]])
def test_a_load_balancer_that_takes_anybody_is_refused(ranges):
    spec = {"type": "LoadBalancer", "loadBalancerSourceRanges": ranges}
    values = {"service": {"type": "LoadBalancer", "sourceRanges": ranges}}
    assert "takes anybody" in found(LIMITED, "kubernetes:core/v1:Service", {"spec": spec})
    assert "takes anybody" in found(LIMITED, "kubernetes:helm.sh/v3:Release", {"values": values})


def test_a_load_balancer_with_its_callers_listed_is_accepted():
    spec = {"type": "LoadBalancer", "loadBalancerSourceRanges": ["203.0.113.0/24"]}
    assert not found(LIMITED, "kubernetes:core/v1:Service", {"spec": spec})


def test_a_service_inside_the_cluster_is_accepted():
    values = {"service": {"type": "ClusterIP"}}
    assert not found(LIMITED, "kubernetes:helm.sh/v3:Release", {"values": values})
