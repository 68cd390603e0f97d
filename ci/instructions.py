"""Whether a change makes the node run more instructions than its merge base; the same on each machine."""

import argparse
import json
import tempfile
from pathlib import Path

from ci import benchmark, gate
from ci.report import Refusal, main, summary, table


def judge(base: dict[str, float], head: dict[str, float], limit: float) -> str:
    """The sentence about counts that pass, else a refusal; `limit` is a ratio, such as 1.1."""
    changes, new, gone = gate.compared(base, head)
    summary(
        table(
            ("benchmark", "before", "after", "instructions"),
            [(one.name, f"{one.base:,.0f}", f"{one.head:,.0f}", f"{one.ratio:.1%}") for one in changes],
        )
    )
    for what, names in (("new", new), ("gone", gone)):
        if names:
            summary(f"Benchmarks that are {what}: {', '.join(names)}")
    if slower := gate.beyond(changes, limit):
        listed = ", ".join(f"{one.name} {one.ratio:.1%}" for one in slower)
        raise Refusal(f"slower than {limit:.0%} of the merge base, in instructions: {listed}")
    if not changes:
        raise Refusal("the merge base and this change have no benchmark in common")
    return f"no benchmark of {len(changes)} runs more than {limit:.0%} of the instructions of the merge base"


def chart(head: dict[str, float]) -> str:
    """What github-action-benchmark reads, with `tool: customSmallerIsBetter`."""
    return json.dumps([{"name": name, "unit": "instructions", "value": head[name]} for name in sorted(head)])


def compare() -> None:
    """`python3 -m ci.instructions TARGET [--base FOLDER --limit 110] [--chart FILE]`."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.instructions", description=__doc__)
    parser.add_argument("target", help="bench target, in the working directory and in BASE")
    parser.add_argument("--base", type=Path, metavar="FOLDER")
    parser.add_argument("--limit", type=float, default=110, metavar="PERCENT")
    parser.add_argument("--profile", default="bench")
    parser.add_argument("--chart", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    head = _counts(Path(), arguments.target, arguments.profile)
    if head is None:
        raise Refusal(f"this change has no bench target {arguments.target}: see docs/pipelines.md")
    if arguments.chart:
        arguments.chart.write_text(chart(head))
    if arguments.base:
        base = _counts(arguments.base, arguments.target, arguments.profile)
        said = (
            f"the merge base has no bench target {arguments.target}: nothing to compare with"
            if base is None
            else judge(base, head, arguments.limit / 100)
        )
        summary(said)
        print(said)


def _counts(folder: Path, target: str, profile: str) -> dict[str, float] | None:
    with tempfile.TemporaryDirectory() as into:
        program = benchmark.build(folder, target, profile, Path(into))
        return None if program is None else {name: program.instructions(name) for name in program.names()}


if __name__ == "__main__":
    main(compare)
