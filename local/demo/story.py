"""What the demo does, and what must be seen after each step."""

from collections.abc import Mapping
from dataclasses import dataclass
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
CHANGED_FLAGS = {**V2_FLAGS, "actor_sync": True}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command of `release`, and what is expected of it."""

    title: str
    words: tuple[str, ...]
    """After `release`; `--yes` and `--json` are added."""
    flags_pinned: Mapping[str, Any] | None = None
    """Written into the stack file before, as a merged pull request does."""
    stops: tuple[str, ...] = ()
    """A command that is started before and runs when this one comes; it ends as cancelled."""
    ends: Outcome = Outcome.DONE
    verdict: str = ""
    """Of the gate that didn't pass, where one is to end it."""
    pods: Mapping[str, int]
    flags: Mapping[str, Any]


STEPS = (
    Step(
        title="deploy v1.0.0 to all",
        words=("deploy", "local", "v1.0.0", "--steps", "100"),
        flags_pinned=FLAGS,
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
        flags_pinned={**FLAGS, "actor_sync": True},
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
