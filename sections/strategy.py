"""How `release` brings a version to an environment: the `strategy` section."""

import itertools
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from sections.values import Percent, Section


def _rising(steps: tuple[int, ...]) -> tuple[int, ...]:
    if any(a >= b for a, b in itertools.pairwise(steps)) or steps[0] == 0 or steps[-1] != 100:  # noqa: PLR2004
        raise ValueError("are no steps: each above the last, the first above 0, the last 100")
    return steps


class Strategy(Section):
    """Steps, how long each is watched, and who is asked how it goes."""

    steps: Annotated[tuple[Percent, ...], AfterValidator(_rising)] = Field(
        default=(10, 50, 100),
        description="Percent of the pods after each step; the last is 100.",
        examples=[[10, 50, 100]],
        min_length=1,
        max_length=20,
    )
    soak_seconds: Annotated[int, Field(ge=0, le=604_800)] = Field(
        default=300, description="How long a step runs before its gates are asked.", examples=[300]
    )
    patience_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=120,
        description="How long gates without data, or without Prometheus, are asked again before going back.",
        examples=[120],
    )
    prometheus: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")] | None = Field(
        default=None,
        description="Address of the Prometheus that gates ask; without one that of alys:observability, "
        "through the cluster's API, or of the environment variable ALYS_PROMETHEUS.",
        examples=["http://prometheus.internal:9090"],
    )
