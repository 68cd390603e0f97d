"""What a stand-in provider answers about one type of resource, in plain Python."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from local.plugins.differences import Difference


@dataclass(frozen=True, kw_only=True)
class Call:
    """What the engine says of the resource that it asks about.

    `inputs` are the new ones, `old_inputs` and `state` (the outputs) the recorded ones; `timeout` is the
    user's, in seconds, 0 when there is none; `seed` and `proposed_name` serve a name that is made up.
    """

    urn: str
    type: str
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    old_inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    timeout: float = 0
    preview: bool = False
    seed: bytes = b""
    proposed_name: str = ""
    naming_disabled: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Live:
    """A resource as it is: its id, the inputs that would make it, and everything known of it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An input that can not be accepted, by property, with the reason."""

    property: str
    reason: str


class Refused(Exception):  # noqa: N818
    """An operation that did not happen; the message is for the user."""


class InitFailed(Exception):  # noqa: N818
    """A resource that exists but did not become ready: it is kept with the reason, and tried again."""

    def __init__(self, live: Live, reason: str) -> None:
        super().__init__(reason)
        self.live = live
        self.reason = reason


class ResourceType(ABC):
    """The operations on a type of resource. Each may raise `Refused`; create and update also `InitFailed`."""

    @abstractmethod
    def check(self, call: Call) -> tuple[dict[str, Any], list[Failure]]:
        """Return the inputs with their defaults, and what is wrong with them."""

    @abstractmethod
    def diff(self, call: Call) -> Difference:
        """Compare the old inputs with the new ones."""

    @abstractmethod
    def create(self, call: Call) -> Live:
        """Make the resource; in a preview say what is known of it."""

    @abstractmethod
    def update(self, call: Call) -> Live:
        """Change the resource; in a preview say what is known of it."""

    @abstractmethod
    def read(self, call: Call) -> Live | None:
        """Return the resource as it is now, None when it is gone."""

    @abstractmethod
    def delete(self, call: Call) -> None:
        """Delete the resource; one that is gone already is deleted."""
