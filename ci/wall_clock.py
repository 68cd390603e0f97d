"""Whether a change makes the node take longer than its merge base, as far as a shared machine can tell.

Both programs run in turns, so that what slows the machine down slows both; only a lower bound of the
ratio that is itself beyond the limit is a failure.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ci import benchmark, gate
from ci.report import Refusal, main, summary, table

FALSE_ALARMS = 0.01
"""The chance that a run fails though nothing is slower than the limit, over all benchmarks together."""


def judge(ratios: Mapping[str, Sequence[float]], limit: float) -> str:
    """The sentence about ratios that pass, else a refusal; `limit` is a ratio, such as 1.1."""
    if not ratios:
        raise Refusal("the merge base and this change have no benchmark in common")
    chance = FALSE_ALARMS / len(ratios)
    rows: list[tuple[str, ...]] = []
    slower: list[str] = []
    for name, measured in ratios.items():
        bound = gate.lower_bound(measured, chance)
        if bound is None:
            raise Refusal(
                f"{len(measured)} pairs say nothing about {name}: run at least {gate.pairs_needed(chance)}"
            )
        rows.append((name, f"{gate.median(measured):.1%}", f"{bound:.1%}", str(len(measured))))
        if bound > limit:
            slower.append(f"{name} at least {bound:.1%}")
    summary(table(("benchmark", "time, median", "at least", "pairs"), rows))
    if slower:
        raise Refusal(f"slower than {limit:.0%} of the merge base, by the clock: {', '.join(slower)}")
    return f"no benchmark of {len(ratios)} is shown to take more than {limit:.0%} of the merge base's time"


def compare() -> None:
    """`python3 -m ci.wall_clock TARGET --base FOLDER [--limit 110] [--pairs 40]`."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.wall_clock", description=__doc__)
    parser.add_argument("target", help="bench target, in the working directory and in BASE")
    parser.add_argument("--base", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--limit", type=float, default=110, metavar="PERCENT")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--profile", default="bench")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        said = _compared(arguments, Path(folder))
    summary(said)
    print(said)


def _compared(given: argparse.Namespace, folder: Path) -> str:
    head = benchmark.build(Path(), given.target, given.profile, folder / "head")
    base = benchmark.build(given.base, given.target, given.profile, folder / "base")
    if head is None:
        raise Refusal(f"this change has no bench target {given.target}: see docs/pipelines.md")
    if base is None:
        return f"the merge base has no bench target {given.target}: nothing to compare with"
    return judge(_ratios(base, head, given.pairs), given.limit / 100)


def _ratios(base: benchmark.Program, head: benchmark.Program, pairs: int) -> dict[str, list[float]]:
    known = set(base.names())
    return {
        name: [_pair(base, head, name, odd=bool(turn % 2)) for turn in range(pairs)]
        for name in head.names()
        if name in known
    }


def _pair(base: benchmark.Program, head: benchmark.Program, name: str, *, odd: bool) -> float:
    # Whoever goes second finds warm caches, or a machine that got busy: so they swap.
    if odd:
        after, before = head.nanoseconds(name), base.nanoseconds(name)
    else:
        before, after = base.nanoseconds(name), head.nanoseconds(name)
    return after / before


if __name__ == "__main__":
    main(compare)
