"""What the demo saw: a row a step, the table of them, and the same as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.demo.client import Tally
from local.demo.cluster import Seen
from local.demo.story import Step


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step, what was seen after it, and what of that was not expected."""

    step: str
    seconds: float
    succeeded: bool
    seen: Seen
    requests: Tally
    surprises: list[str]


def judge(
    step: Step, *, seconds: float, succeeded: bool, seen: Seen, requests: Tally, digests: Mapping[str, str]
) -> Row:
    """Compare what was seen with what the step expects."""
    expected_digests = {digests[version]: pods for version, pods in step.pods.items()}
    compared = [
        ("update succeeded", step.succeeds, succeeded),
        ("versions of the pods", dict(step.pods), seen.versions),
        ("digests of their images", expected_digests, seen.digests),
        ("ready pods", sum(step.pods.values()), seen.ready),
        ("flags", dict(step.flags), seen.flags),
        ("failed requests", 0, requests.failed),
    ]
    surprises = [
        f"{step.title}: {what}: expected {wanted}, saw {found}"
        for what, wanted, found in compared
        if wanted != found
    ]
    return Row(
        step=step.title,
        seconds=round(seconds, 1),
        succeeded=succeeded,
        seen=seen,
        requests=requests,
        surprises=surprises + requests.failures[:3],
    )


def show(rows: list[Row], console: Console) -> None:
    """Print the table."""
    table = Table(title="Seen from outside")
    for column in ("step", "seconds", "update", "pods", "running digests", "requests", "failed"):
        table.add_column(column, justify="right" if column in {"seconds", "requests", "failed"} else "left")
    for row in rows:
        table.add_row(
            row.step,
            f"{row.seconds:.1f}",
            "succeeded" if row.succeeded else "failed, old version kept",
            _counted(row.seen.versions),
            _counted({digest[7:19]: pods for digest, pods in row.seen.digests.items()}),
            str(row.requests.sent),
            str(row.requests.failed),
            style="bold red" if row.surprises else None,
        )
    console.print(table)


def write(rows: list[Row], file: Path) -> None:
    """Write the rows as JSON."""
    file.write_text(json.dumps({"steps": [asdict(row) for row in rows]}, indent=2) + "\n")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{pods} x {what}" for what, pods in sorted(counts.items()))
