"""What the demo saw: a row a step, the table of them, and the same as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich import box
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
    images = {version: digests[version] for version in step.pods}
    compared = [
        ("update succeeded", step.succeeds, succeeded),
        ("versions of the pods", dict(step.pods), seen.versions),
        ("images of the versions", images, seen.images),
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
    table = Table(title="Seen from outside", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("step", "s", "update", "running", "requests", "failed"):
        table.add_column(
            column, justify="right" if column in {"s", "requests", "failed"} else "left", no_wrap=True
        )
    for row in rows:
        table.add_row(
            row.step,
            f"{row.seconds:.1f}",
            "done" if row.succeeded else "undone",
            _running(row.seen),
            str(row.requests.sent),
            str(row.requests.failed),
            style="bold red" if row.surprises else None,
        )
    console.print(table)


def write(rows: list[Row], file: Path) -> None:
    """Write the rows as JSON."""
    file.write_text(json.dumps({"steps": [asdict(row) for row in rows]}, indent=2) + "\n")


def _running(seen: Seen) -> str:
    return "\n".join(
        f"{pods} x {version} {seen.images[version].removeprefix('sha256:')[:7]}"
        for version, pods in sorted(seen.versions.items())
    )
