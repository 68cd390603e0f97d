"""What a run does beside its updates; a release that changes no data does nothing."""

from collections.abc import Generator
from contextlib import contextmanager

from sections.pin import Pin


class Between:
    """Nothing at all; `release.migration.passage` is what does something."""

    def after_step(self, pin: Pin) -> str:
        """What is wrong once a step is out; nothing where all is well."""
        _ = pin
        return ""

    @contextmanager
    def going_back(self, pin: Pin) -> Generator[None]:
        """Around the way back: what it needs stands ready; `NoWayBackError` where that can't be had."""
        _ = pin
        yield

    def after_back(self, pin: Pin) -> str:
        """What is wrong once the release is back; nothing where all is well."""
        _ = pin
        return ""
