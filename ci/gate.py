"""Whether a measurement got worse: decisions about numbers, and nothing else."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Change:
    """A benchmark before and after; a ratio over 1 is slower."""

    name: str
    base: float
    head: float

    @property
    def ratio(self) -> float:
        """After by before."""
        return self.head / self.base


def compared(
    base: Mapping[str, float], head: Mapping[str, float]
) -> tuple[list[Change], list[str], list[str]]:
    """What both have, what is new, and what is gone; each by name."""
    both = [Change(name, base[name], head[name]) for name in sorted(base.keys() & head.keys())]
    return both, sorted(head.keys() - base.keys()), sorted(base.keys() - head.keys())


def beyond(changes: Sequence[Change], limit: float) -> list[Change]:
    """Those whose ratio is over the limit, the worst first; `limit` is a ratio, such as 1.1."""
    return sorted((one for one in changes if one.ratio > limit), key=lambda one: -one.ratio)


def pairs_needed(chance: float) -> int:
    """How many pairs there must be for any bound at all: the smallest of n is one with chance 2^-n."""
    return math.ceil(-math.log2(chance))


def lower_bound(ratios: Sequence[float], chance: float) -> float | None:
    """A value that the true median is below with no more than this chance; None where there are too few.

    By order statistics: how many ratios lie under the median is binomial with p = 1/2, whatever their
    distribution, so the k-th smallest is too high with the chance that fewer than k do.
    """
    size = len(ratios)
    below = list(accumulate(math.comb(size, k) / 2**size for k in range(size)))
    rank = sum(one <= chance for one in below)
    return sorted(ratios)[rank - 1] if rank else None


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
