"""What an environment costs a month, from its stack file and a price table."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sections.backups import Backups
from sections.cluster import Cluster
from sections.release import Release

if TYPE_CHECKING:
    from settings import Settings

PRICES = Path(__file__).parent / "prices.toml"
HOURS_A_MONTH = 730
_GIB = 2**30
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15} | {
    f"{unit}i": 2 ** (10 * power) for power, unit in enumerate("KMGTP", start=1)
}


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One kind of thing, in US dollars a month."""

    what: str
    dollars: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What an environment costs a month at list prices of a day."""

    lines: tuple[CostLine, ...]
    as_of: date
    region: str

    @property
    def dollars(self) -> float:
        """The sum, in US dollars a month."""
        return round(sum(line.dollars for line in self.lines), 2)


class UnknownPriceError(Exception):
    """The table has no price for a machine."""


def monthly_estimate(settings: "Settings", prices: dict[str, Any] | None = None) -> Estimate:
    """Estimate a stack; raises `UnknownPriceError` for an instance type that the table doesn't hold."""
    table = read_prices() if prices is None else prices
    lines: list[CostLine] = []
    if settings.cluster:
        lines += _cluster(settings.cluster, table)
    if settings.release and settings.cluster:
        lines += _release(settings.release, table)
    if settings.backups and settings.release:
        lines.append(_backups(settings.backups, settings.release, table))
        if settings.backups.copy_to:
            lines.append(_line("key of the copies", table["per_month"]["key"]))
    if settings.observability:
        gib = gibibytes(settings.observability.storage)
        lines.append(_line(f"metrics, {gib:g} GiB", gib * table["per_gib_month"]["gp3_volume"]))
    if settings.registry and settings.registry.mode == "cache":
        lines.append(_line("registry login", table["per_month"]["secret"]))
    return Estimate(lines=tuple(lines), as_of=table["as_of"], region=table["region"])


def said(settings: "Settings") -> str:
    """For people: `$713 a month at list prices (us-east-1, 2026-11-20)`, or why there is no figure."""
    try:
        estimate = monthly_estimate(settings)
    except UnknownPriceError as error:
        return f"no estimate: {error}"
    return f"${estimate.dollars:,.0f} a month at list prices ({estimate.region}, {estimate.as_of})"


def read_prices() -> dict[str, Any]:
    """The table that this repository keeps."""
    return tomllib.loads(PRICES.read_text(encoding="utf-8"))


def gibibytes(quantity: str) -> float:
    """A Kubernetes quantity of storage in GiB: `100Gi` is 100."""
    number, unit = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", quantity).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit] / _GIB


def _cluster(cluster: Cluster, table: dict[str, Any]) -> Iterator[CostLine]:
    hourly, assumed = table["per_hour"], table["assumed"]
    zones = len(cluster.network.zones)
    nats = zones if cluster.network.nat == "each-zone" else 1
    yield _line("control plane", hourly["cluster"] * HOURS_A_MONTH)
    yield _line(
        f"NAT gateways, {nats}", nats * (hourly["nat_gateway"] + hourly["public_address"]) * HOURS_A_MONTH
    )
    yield _line(
        f"NAT traffic, {assumed['nat_traffic_gb_per_month']} GB assumed",
        assumed["nat_traffic_gb_per_month"] * table["per_gb"]["nat_traffic"],
    )
    yield _line(
        f"logs, {assumed['logs_gb_per_month']} GB assumed",
        assumed["logs_gb_per_month"] * table["per_gb"]["logs"],
    )
    yield _line("key", table["per_month"]["key"])
    for name, group in cluster.node_groups.items():
        count = group.size * (zones if group.per_zone else 1)
        machine = _instance(group.instances[0], table) * HOURS_A_MONTH
        disk = group.disk * table["per_gib_month"]["gp3_volume"]
        yield _line(f"machines {name}, {count} {group.instances[0]}", count * (machine + disk))


def _release(release: Release, table: dict[str, Any]) -> Iterator[CostLine]:
    gib = release.replicas * gibibytes(release.storage)
    yield _line(f"chain data, {gib:g} GiB", gib * table["per_gib_month"]["gp3_volume"])
    if release.service == "LoadBalancer":
        yield _line("load balancer", table["per_hour"]["load_balancer"] * HOURS_A_MONTH)


def _backups(backups: Backups, release: Release, table: dict[str, Any]) -> CostLine:
    kept = 1 + table["assumed"]["changed_per_day"] * (backups.days - 1)
    vaults = 2 if backups.copy_to else 1
    gib = release.replicas * gibibytes(release.storage) * kept * vaults
    return _line(f"backups, {backups.days} days", gib * table["per_gib_month"]["recovery_point"])


def _instance(kind: str, table: dict[str, Any]) -> float:
    known = table["per_hour"]["instance"]
    if kind not in known:
        raise UnknownPriceError(
            f"components/prices.toml has no price for {kind}; add to [per_hour.instance]:\n"
            f'  "{kind}" = DOLLARS_AN_HOUR\n'
            "  from https://aws.amazon.com/ec2/pricing/on-demand/"
        )
    return float(known[kind])


def _line(what: str, dollars: float) -> CostLine:
    return CostLine(what=what, dollars=round(dollars, 2))
