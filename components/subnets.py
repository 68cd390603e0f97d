"""The arithmetic of a network's subnets."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

_QUARTER, _PRIVATE, _PUBLIC = 2, 1, 4
"""Bits: a zone gets a quarter of the network; half of it is private, an eighth of the other half public."""


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """What one availability zone gets."""

    zone: str
    private: str
    public: str


def zone_subnets(cidr: str, zones: Sequence[str]) -> list[ZoneSubnets]:
    """One pair a zone, in the zones' order; a zone that is added at the end moves no other's.

    Of a /16: private /19 (8187 addresses, pods take one each), public /22. Raises `ValueError` where
    there are more zones than quarters.
    """
    quarters = list(IPv4Network(cidr).subnets(_QUARTER))
    return [
        ZoneSubnets(zone=zone, private=str(private), public=str(next(other.subnets(_PUBLIC - _PRIVATE))))
        for zone, quarter in zip(zones, quarters[: len(zones)], strict=True)
        for private, other in [tuple(quarter.subnets(_PRIVATE))]
    ]
