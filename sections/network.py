"""The network of a cluster: the `cluster.network` settings."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sections.values import Section

WIDEST, NARROWEST = 16, 20
"""Prefix lengths of a VPC: AWS takes no wider one, and a narrower one leaves pods without addresses."""

LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 3653]
"""Retentions that CloudWatch Logs offers, in days."""

Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[a-z]+-[0-9][a-z]$")]
"""An availability zone: `us-east-1a`."""


def _network(text: str) -> str:
    try:
        IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"is no IPv4 network: {error}") from None
    return text


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network without host bits: `10.10.0.0/16`."""


def _private(text: str) -> str:
    network = IPv4Network(text)
    if not WIDEST <= network.prefixlen <= NARROWEST:
        raise ValueError(
            f"is a /{network.prefixlen}; a network of ours is between /{WIDEST} and /{NARROWEST}"
        )
    if not network.is_private:
        raise ValueError("is no private network: take one out of 10.0.0.0/8 or 172.16.0.0/12")
    return text


def _not_everyone(text: str) -> str:
    if IPv4Network(text).prefixlen == 0:
        raise ValueError("is the whole internet; name the networks that may reach the API server")
    return text


AdmittedCidr = Annotated[Cidr, AfterValidator(_not_everyone)]
"""A network that is let in; never everyone."""


class Network(Section):
    """The VPC: a public and a private subnet in each zone."""

    cidr: Annotated[Cidr, AfterValidator(_private)] = Field(
        description="Addresses of the VPC.", examples=["10.10.0.0/16"]
    )
    zones: tuple[Zone, ...] = Field(
        description="Availability zones, two or three; a third may be added later.",
        examples=[["us-east-1a", "us-east-1b"]],
        min_length=2,
        max_length=3,
    )
    nat: Literal["one", "each-zone"] = Field(
        default="one",
        description="One NAT gateway, or one in each zone, so that a lost zone takes no other with it.",
        examples=["each-zone"],
    )
    peers: tuple[Cidr, ...] = Field(
        default=(),
        description="Networks that this one is, or will be, connected to; an overlap is refused.",
        examples=[["10.20.0.0/16"]],
    )
    flow_log_days: LogDays = Field(default=30, description="Retention of the flow logs.", examples=[30])

    @model_validator(mode="after")
    def _apart_from_its_peers(self) -> "Network":
        for index, peer in enumerate(self.peers):
            if IPv4Network(self.cidr).overlaps(IPv4Network(peer)):
                raise PydanticCustomError(
                    "networks_overlap",
                    "= {peer} overlaps this network, {cidr}: their hosts could not tell each other apart",
                    {"key": f"cluster.network.peers.{index}", "peer": peer, "cidr": self.cidr},
                )
        return self

    @model_validator(mode="after")
    def _each_zone_once(self) -> "Network":
        if len(set(self.zones)) < len(self.zones):
            raise PydanticCustomError(
                "zone_twice",
                "names a zone twice: {zones}",
                {"key": "cluster.network.zones", "zones": ", ".join(self.zones)},
            )
        return self
