"""What the whole internet may reach: nothing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy.declaration import Declaration, known
from policy.rule import Rule, items, mapping

EVERYWHERE = {"0.0.0.0/0", "::/0"}


def _limited(declaration: Declaration) -> Iterator[str]:
    check = _CHECKS.get(declaration.type)
    if check is not None:
        yield from check(declaration.inputs)


def _cluster(inputs: Mapping[str, Any]) -> Iterator[str]:
    network = mapping(inputs.get("vpcConfig"))
    # AWS' default is true.
    if known(network.get("endpointPublicAccess")) is False:
        return
    cidrs = [known(cidr) for cidr in items(network.get("publicAccessCidrs"))]
    if not cidrs or EVERYWHERE & {str(cidr) for cidr in cidrs}:
        yield "the cluster's endpoint is open to the internet; close it, or list the CIDRs that may reach it"


def _security_group(inputs: Mapping[str, Any]) -> Iterator[str]:
    for ingress in items(inputs.get("ingress")):
        yield from _open(mapping(ingress), "cidrBlocks", "ipv6CidrBlocks")


def _security_group_rule(inputs: Mapping[str, Any]) -> Iterator[str]:
    if known(inputs.get("type")) != "egress":
        yield from _open(inputs, "cidrBlocks", "ipv6CidrBlocks")


def _ingress_rule(inputs: Mapping[str, Any]) -> Iterator[str]:
    yield from _open(inputs, "cidrIpv4", "cidrIpv6")


def _open(inputs: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if EVERYWHERE & {str(known(cidr)) for cidr in items(inputs.get(key))}:
            yield f"{key} lets the whole internet in; list the CIDRs or the security group that may reach it"


def _service(inputs: Mapping[str, Any]) -> Iterator[str]:
    yield from _load_balancer(mapping(inputs.get("spec")), "loadBalancerSourceRanges")


def _chart(inputs: Mapping[str, Any]) -> Iterator[str]:
    yield from _load_balancer(mapping(mapping(inputs.get("values")).get("service")), "sourceRanges")


def _load_balancer(service: Mapping[str, Any], key: str) -> Iterator[str]:
    if known(service.get("type")) != "LoadBalancer":
        return
    ranges = [str(known(cidr)) for cidr in items(service.get(key))]
    if not ranges or EVERYWHERE & set(ranges):
        yield f"a load balancer takes anybody; list who may reach it in {key}, or use ClusterIP"


_CHECKS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "aws:eks/cluster:Cluster": _cluster,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _security_group_rule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress_rule,
    "kubernetes:core/v1:Service": _service,
    "kubernetes:helm.sh/v3:Release": _chart,
}
LIMITED = Rule(
    name="no-public-endpoint",
    reason="What the internet can reach is attacked within the hour.",
    check=_limited,
)
