"""What a run is to do: a pin, the steps to it, and what is asked between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from release.gates import Ask
from release.gates_file import Gate
from release.past.history import Release
from release.past.message import Action
from sections.pin import Pin


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run is to do."""

    verb: str
    pin: Pin
    """Its rollout is what the run ends with."""
    steps: tuple[int, ...]
    soak_seconds: int
    patience_seconds: int
    gates: Mapping[str, Gate]
    ask: Ask | None
    """None where nothing is asked: a rollback."""
    retry: bool = False
    message: str = ""

    @property
    def forward(self) -> bool:
        """Whether something is to run that isn't there yet."""
        return self.verb not in {"rollback", "restore"}

    @property
    def action(self) -> Action:
        """What the history calls a step forward."""
        forward: dict[str, Action] = {"promote": "promote", "migrate": "migrate"}
        return forward.get(self.verb, "deploy")


def way_back(target: Release, *, verb: str, message: str) -> Plan:
    """Back to a release on all pods at once: nothing stands between a person and what was good."""
    return Plan(
        verb=verb,
        pin=target.pin.model_copy(update={"rollout": 100}),
        steps=(100,),
        soak_seconds=0,
        patience_seconds=0,
        gates={},
        ask=None,
        message=message,
    )
