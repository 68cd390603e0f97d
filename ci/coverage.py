"""Whether enough of the node's code is run by its tests, from one report of tarpaulin's."""

import argparse
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ci.report import Refusal, main, summary, table

WORST_SHOWN = 10


@dataclass(frozen=True)
class Covered:
    """Lines of a file that can be run, and those that were."""

    lines: int
    run: int

    @property
    def percent(self) -> float:
        """0 to 100; a file without lines to run is covered."""
        return 100 * self.run / self.lines if self.lines else 100.0


def read(report: str) -> dict[str, Covered]:
    """The files of a Cobertura report."""
    lines: Counter[str] = Counter()
    run: Counter[str] = Counter()
    for one in ET.fromstring(report).iter("class"):  # noqa: S314  written by the step before
        name = one.get("filename", "")
        hits = [int(line.get("hits", "0")) for line in one.iterfind("lines/line")]
        lines[name] += len(hits)
        run[name] += sum(hit > 0 for hit in hits)
    return {name: Covered(lines[name], run[name]) for name in sorted(lines)}


def total(files: Mapping[str, Covered]) -> Covered:
    """All files together."""
    return Covered(sum(one.lines for one in files.values()), sum(one.run for one in files.values()))


def judge(files: Mapping[str, Covered], at_least: float) -> str:
    """The sentence about a report that passes; a refusal for one that does not, or that measured nothing."""
    whole = total(files)
    if not whole.lines:
        raise Refusal("the report holds no line of code: nothing was measured, so nothing is covered")
    said = f"{_down(whole.percent)} % of the lines are run by tests ({whole.run} of {whole.lines})"
    if whole.run * 100 < at_least * whole.lines:
        worst = ", ".join(f"{name} {_down(one.percent)} %" for name, one in _worst(files)[:3])
        raise Refusal(f"{said}, and {at_least:g} % are wanted. Least covered: {worst}")
    return said


def _worst(files: Mapping[str, Covered]) -> list[tuple[str, Covered]]:
    return sorted(files.items(), key=lambda item: item[1].run - item[1].lines)


def _down(percent: float) -> str:
    # 79.99 is not 80.
    return f"{int(percent * 10) / 10:.1f}"


def check() -> None:
    """`python3 -m ci.coverage REPORT --at-least 80`."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.coverage", description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--at-least", type=float, required=True, metavar="PERCENT")
    arguments = parser.parse_args()
    if not arguments.report.is_file():
        raise Refusal(f"there is no report {arguments.report}: the step before has to write it")
    files = read(arguments.report.read_text())
    rows = [
        (name, str(one.lines), str(one.lines - one.run), f"{_down(one.percent)} %")
        for name, one in _worst(files)
    ]
    summary(table(("file", "lines", "not run", "covered"), rows[:WORST_SHOWN]))
    said = judge(files, arguments.at_least)
    summary(said)
    print(said)


if __name__ == "__main__":
    main(check)
