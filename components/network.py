"""The network of an environment: a VPC over two or three zones."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import ec2

from components.flow_logs import FlowLogs, FlowLogsArgs
from components.subnets import zone_subnets
from sections import network as section
from sections.account import Account

_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Where the network is and what encrypts its logs."""

    stack: str
    account: Account
    network: section.Network
    key_arn: Input[str]
    protect: bool = True


class Network(ComponentResource):
    """Public subnets for load balancers and NAT, private ones for everything else."""

    vpc_id: Output[str]
    private_subnets: Mapping[str, Output[str]]
    """Subnet ids by zone."""

    def __init__(self, name: str, args: NetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:Network", name, None, opts)
        self._name, self._args = name, args
        self._own = ResourceOptions(parent=self)
        vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": f"alys-{args.stack}"},
            opts=ResourceOptions(parent=self, protect=args.protect),
        )
        self.vpc_id = vpc.id
        # Whoever forgets to name a security group gets this one, through which nothing passes.
        ec2.DefaultSecurityGroup(f"{name}-closed", vpc_id=vpc.id, opts=self._own)
        gateway = ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, opts=self._own)
        outside = self._table("public")
        way_out = ec2.Route(
            f"{name}-public",
            route_table_id=outside,
            destination_cidr_block=_EVERYWHERE,
            gateway_id=gateway.id,
            opts=self._own,
        )
        nats: dict[str, Output[str]] = {}
        tables: list[Output[str]] = []
        self.private_subnets = {}
        for zone in zone_subnets(args.network.cidr, args.network.zones):
            public = self._subnet("public", zone.zone, zone.public, outside)
            if args.network.nat == "each-zone" or not nats:
                nats[zone.zone] = self._nat(zone.zone, public, way_out)
            inside = self._table(f"private-{zone.zone}")
            ec2.Route(
                f"{name}-private-{zone.zone}",
                route_table_id=inside,
                destination_cidr_block=_EVERYWHERE,
                nat_gateway_id=nats.get(zone.zone, next(iter(nats.values()))),
                opts=self._own,
            )
            tables.append(inside)
            self.private_subnets[zone.zone] = self._subnet("private", zone.zone, zone.private, inside)
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{args.account.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=tables,
            opts=self._own,
        )
        logs = FlowLogsArgs(
            stack=args.stack,
            account=args.account,
            vpc_id=vpc.id,
            days=args.network.flow_log_days,
            key_arn=args.key_arn,
        )
        FlowLogs(f"{name}-flow", logs, self._own)
        self.register_outputs({"vpc_id": self.vpc_id, "private_subnets": self.private_subnets})

    def _table(self, suffix: str) -> Output[str]:
        return ec2.RouteTable(
            f"{self._name}-{suffix}",
            vpc_id=self.vpc_id,
            tags={"Name": f"alys-{self._args.stack}-{suffix}"},
            opts=self._own,
        ).id

    def _subnet(self, kind: str, zone: str, cidr: str, table: Output[str]) -> Output[str]:
        # By these tags load balancers find their subnets.
        role = "kubernetes.io/role/elb" if kind == "public" else "kubernetes.io/role/internal-elb"
        subnet = ec2.Subnet(
            f"{self._name}-{kind}-{zone}",
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags={"Name": f"alys-{self._args.stack}-{kind}-{zone}", role: "1"},
            opts=ResourceOptions(parent=self, protect=self._args.protect),
        )
        ec2.RouteTableAssociation(
            f"{self._name}-{kind}-{zone}", subnet_id=subnet.id, route_table_id=table, opts=self._own
        )
        return subnet.id

    def _nat(self, zone: str, subnet: Output[str], way_out: ec2.Route) -> Output[str]:
        address = ec2.Eip(f"{self._name}-nat-{zone}", domain="vpc", opts=self._own)
        return ec2.NatGateway(
            f"{self._name}-nat-{zone}",
            subnet_id=subnet,
            allocation_id=address.id,
            tags={"Name": f"alys-{self._args.stack}-{zone}"},
            opts=ResourceOptions(parent=self, depends_on=[way_out]),
        ).id
