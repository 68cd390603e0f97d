"""What the demo saw: a row a step, the table of them, and the same as JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from local.demo.chains import Counted, Head
from local.demo.client import Tally
from local.demo.clone import Run
from local.demo.cluster import Seen
from local.demo.hub import Deployment, State
from local.demo.receiver import Message
from local.demo.story import Step


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step, what was seen after it, and what of that was not expected."""

    step: str
    seconds: float
    outcome: str
    reason: str
    seen: Seen
    requests: Tally
    blocks: Counted
    told: list[str]
    """Titles of the messages, and states of the deployments, that arrived."""
    surprises: list[str]


def judge(
    step: Step,
    *,
    seconds: float,
    run: Run,
    seen: Seen,
    requests: Tally,
    blocks: Counted,
    told: Iterable[str],
    digests: Mapping[str, str],
) -> Row:
    """Compare what was seen with what the step expects."""
    images = {version: digests[version] for version in step.pods}
    gates = [one["verdict"] for one in run.result.get("gates", []) if one["verdict"] != "pass"]
    phases = sorted({head.phase for head in blocks.after.values()}, key=str)
    compared: list[tuple[str, Any, Any]] = [
        ("exit code", step.ends.exit_code, run.code),
        ("outcome", step.ends.label, run.result.get("outcome")),
        ("versions of the pods", dict(step.pods), seen.versions),
        ("images of the versions", images, seen.images),
        ("ready pods", sum(step.pods.values()), seen.ready),
        ("flags", dict(step.flags), seen.flags),
        ("failed requests", 0, requests.failed),
        ("phase of the data", [step.phase] if blocks.after else [], phases),
        ("blocks lost", 0, sum(blocks.lost.values())),
        ("verdicts that held it", [step.verdict] if step.verdict else [], sorted(set(gates))),
    ]
    surprises = [
        f"{step.title}: {what}: expected {wanted}, saw {found}"
        for what, wanted, found in compared
        if wanted != found
    ]
    return Row(
        step=step.title,
        seconds=round(seconds, 1),
        outcome=str(run.result.get("outcome", f"exit code {run.code}")),
        reason=str(run.result.get("reason", "")),
        seen=seen,
        requests=requests,
        blocks=blocks,
        told=list(told),
        surprises=surprises + requests.failures[:3],
    )


def lines(received: Iterable[Message | Deployment | State]) -> list[str]:
    """What arrived in a step: each message, and each deployment with the states that it went through."""
    arrived = list(received)
    states: dict[int, list[str]] = {}
    for one in arrived:
        if isinstance(one, State):
            states.setdefault(one.deployment, []).append(one.state)
    said = [f"{one.mood:8} {one.title}" for one in arrived if isinstance(one, Message)]
    return [*said, *(f"GitHub   deployment {number}: {', '.join(of)}" for number, of in states.items())]


def show(rows: list[Row], console: Console) -> None:
    """Print the tables."""
    table = Table(title="Seen from outside", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("step", "s", "outcome", "running", "asked", "failed"):
        table.add_column(
            column, justify="right" if column in {"s", "asked", "failed"} else "left", no_wrap=True
        )
    for row in rows:
        table.add_row(
            row.step,
            f"{row.seconds:.0f}",
            row.outcome,
            _running(row.seen),
            str(row.requests.sent),
            str(row.requests.failed),
            style="bold red" if row.surprises else None,
        )
    console.print(table)
    console.print(_chains(rows))
    told = Table(title="Told to the channel and to GitHub's stand-in", box=box.SIMPLE_HEAD, show_header=False)
    for arrived in (one for row in rows for one in row.told):
        told.add_row(arrived)
    console.print(told)


def _chains(rows: list[Row]) -> Table:
    title = "Blocks of the shortest chain, and of all chains those that were lost"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("step", "phase", "format", "before", "after", "lost"):
        table.add_column(column, justify="left" if column in {"step", "phase"} else "right", no_wrap=True)
    for row in rows:
        before, after = (_shortest(heads) for heads in (row.blocks.before, row.blocks.after))
        if after:
            table.add_row(
                row.step,
                after.phase or "-",
                str(after.format),
                str(before.height) if before else "-",
                str(after.height),
                str(sum(row.blocks.lost.values())),
                style="bold red" if any(row.blocks.lost.values()) else None,
            )
    return table


def _shortest(heads: Mapping[str, Head]) -> Head | None:
    return min(heads.values(), key=lambda head: head.height, default=None)


def write(rows: list[Row], file: Path) -> None:
    """Write the rows as JSON."""
    file.write_text(json.dumps({"steps": [asdict(row) for row in rows]}, indent=2) + "\n")


def _running(seen: Seen) -> str:
    return "\n".join(
        f"{pods} x {version} {seen.images[version].removeprefix('sha256:')[:7]}"
        for version, pods in sorted(seen.versions.items())
    )
