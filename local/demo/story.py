"""What the demo does, and what must be seen after each step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from release.outcome import Outcome

FLAGS: Mapping[str, Any] = {
    "actor_sync": False,
    "max_peers": 50,
    "parallel_import": {"value": True, "since": "v2.0.0"},
}
V1_FLAGS = {"actor_sync": False, "max_peers": 50}
"""What the node of v1.0.0 gets of them: `parallel_import` is newer."""
V2_FLAGS = {**V1_FLAGS, "parallel_import": True}
PHASE_FLAGS = {"actor_sync": True, "parallel_import": True, "lighthouse": True}
"""What the phases up to lighthouse-migration need."""
CHANGED_FLAGS = {**V2_FLAGS, "actor_sync": True}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command of `release`, and what is expected of it."""

    title: str
    words: tuple[str, ...]
    """After `release`; `--yes` and `--json` are added."""
    pinned: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Keys of the pin, written into the stack file before, as a merged pull request does."""
    stops: tuple[str, ...] = ()
    """A command that is started before and runs when this one comes; it ends as cancelled."""
    ends: Outcome = Outcome.DONE
    verdict: str = ""
    """Of the gate that didn't pass, where one is to end it."""
    pods: Mapping[str, int]
    flags: Mapping[str, Any]
    phase: str | None = None
    """Of the data, after it; None where the step is of a release of no phase."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Steps of one stack, in a namespace of its own."""

    name: str
    pods: int
    steps: tuple[Step, ...]


RELEASES = (
    Step(
        title="deploy v1.0.0 to all",
        words=("deploy", "local", "v1.0.0", "--steps", "100"),
        pinned={"flags": FLAGS},
        pods={"v1.0.0": 4},
        flags=V1_FLAGS,
    ),
    Step(
        title="v2.0.0 in 25/50/100 %",
        words=("deploy", "local", "v2.0.0"),
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="v3.0.0 crashes",
        words=("deploy", "local", "v3.0.0"),
        ends=Outcome.ROLLED_BACK,
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="v4.0.0 serves errors",
        words=("deploy", "local", "v4.0.0"),
        ends=Outcome.ROLLED_BACK,
        verdict="fail",
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="v5.0.0 has no metrics",
        words=("deploy", "local", "v5.0.0"),
        ends=Outcome.ROLLED_BACK,
        verdict="no data",
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="v6.0.0 fails smoke test",
        words=("deploy", "local", "v6.0.0"),
        ends=Outcome.ROLLED_BACK,
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="flag actor_sync on",
        words=("deploy", "local", "--steps", "100"),
        pinned={"flags": {**FLAGS, "actor_sync": True}},
        pods={"v2.0.0": 4},
        flags=CHANGED_FLAGS,
    ),
    Step(
        title="rollback to v1.0.0",
        words=("rollback", "local", "--to", "v1.0.0"),
        pods={"v1.0.0": 4},
        flags=V1_FLAGS,
    ),
    Step(
        title="emergency in mid-deploy",
        words=("rollback", "local", "--to", "v2.0.0", "--emergency"),
        stops=("deploy", "local", "v7.0.0"),
        pods={"v2.0.0": 4},
        # The rollback before has put v2.0.0 with the changed flag on hold.
        flags=V2_FLAGS,
    ),
)
PHASES = (
    Step(
        title="v2.1.1 in actor-core",
        words=("deploy", "local", "v2.1.1", "--steps", "100"),
        pinned={"phase": "actor-core", "flags": PHASE_FLAGS},
        pods={"v2.1.1": 2},
        flags=PHASE_FLAGS,
        phase="actor-core",
    ),
    Step(
        title="into sync-improvement",
        words=("migrate", "local", "sync-improvement", "--steps", "100"),
        pods={"v2.1.1": 2},
        flags=PHASE_FLAGS,
        phase="sync-improvement",
    ),
    # Its metrics say so only in that phase, past a point of no return: the backup from before leads back.
    Step(
        title="lighthouse fails, back",
        words=("migrate", "local", "lighthouse-migration", "--steps", "100"),
        ends=Outcome.ROLLED_BACK,
        verdict="fail",
        pods={"v2.1.1": 2},
        flags=PHASE_FLAGS,
        phase="sync-improvement",
    ),
)
PHASE_IMAGES: Mapping[str, str | None] = {"v2.1.1": "phase-errors:lighthouse-migration"}
"""Versions that only this chapter needs, by tag; what the sample node's README says of them."""
STORY = (
    Chapter(name="releases", pods=4, steps=RELEASES),
    Chapter(name="phases", pods=2, steps=PHASES),
)
