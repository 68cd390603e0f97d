"""What the demo does, and what must be seen after each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FLAGS: Mapping[str, Any] = {
    "actor_sync": False,
    "max_peers": 50,
    "parallel_import": {"value": True, "since": "v2.0.0"},
}
V1_FLAGS = {"actor_sync": False, "max_peers": 50}
"""What the node of v1.0.0 gets of them: `parallel_import` is newer."""
V2_FLAGS = {**V1_FLAGS, "parallel_import": True}
CHANGED_FLAGS = {**V2_FLAGS, "actor_sync": True}

IMAGES: Mapping[str, str | None] = {
    "v1.0.0": None,
    "v2.0.0": None,
    "v3.0.0": "exit-at-start",
    "v4.0.0": "fails-smoke",
}
"""The sample versions, and what is wrong with each."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A change of the pin, and what is expected of it."""

    title: str
    pin: Mapping[str, Any]
    """The pin's keys that change."""
    succeeds: bool = True
    pods: Mapping[str, int]
    flags: Mapping[str, Any]
    back_to: str | None = None
    """A version whose last good pin is looked up in the stack history."""


STEPS = (
    Step(
        title="deploy v1.0.0",
        pin={"version": "v1.0.0", "rollout": 100, "flags": FLAGS},
        pods={"v1.0.0": 4},
        flags=V1_FLAGS,
    ),
    Step(
        title="v2.0.0 on 25 %",
        pin={"version": "v2.0.0", "rollout": 25},
        pods={"v1.0.0": 3, "v2.0.0": 1},
        flags=V2_FLAGS,
    ),
    Step(title="v2.0.0 on 100 %", pin={"rollout": 100}, pods={"v2.0.0": 4}, flags=V2_FLAGS),
    Step(
        title="v3.0.0 crashes",
        pin={"version": "v3.0.0"},
        succeeds=False,
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="v4.0.0 fails smoke test",
        pin={"version": "v4.0.0"},
        succeeds=False,
        pods={"v2.0.0": 4},
        flags=V2_FLAGS,
    ),
    Step(
        title="flag actor_sync on",
        pin={"version": "v2.0.0", "flags": {**FLAGS, "actor_sync": True}},
        pods={"v2.0.0": 4},
        flags=CHANGED_FLAGS,
    ),
    Step(
        title="back to v1.0.0 and flags",
        pin={},
        back_to="v1.0.0",
        pods={"v1.0.0": 4},
        flags=V1_FLAGS,
    ),
)
