"""What a release is, apart from how many pods run it: a version, its digest, its flags, its phase."""

import re
from dataclasses import dataclass

from components.feature_flags import feature_flags
from sections.pin import Pin
from sections.values import TAG_GRAMMAR

_TEXT = re.compile(
    rf"(?P<version>{TAG_GRAMMAR})(@(?P<digest>sha256:[0-9a-f]{{64}}))?(\+(?P<flags>[0-9a-f]{{12}}))?"
    r"(/(?P<phase>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?))?"
)
_SHORT_DIGEST = len("sha256:") + 12


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`version@digest+flags/phase`; a part that is None isn't known, or wasn't said."""

    version: str
    digest: str | None = None
    flags: str | None = None
    """The flags' digest as the chart has it: 12 hex digits."""
    phase: str | None = None
    """Also None before the first phase."""

    def __str__(self) -> str:
        """As it stands in an update's message; `parse` reads it."""
        digest = f"@{self.digest}" if self.digest else ""
        flags, phase = f"+{self.flags}" if self.flags else "", f"/{self.phase}" if self.phase else ""
        return f"{self.version}{digest}{flags}{phase}"

    @property
    def short(self) -> str:
        """For people: the digest cut to 12 digits."""
        return f"{self.version}@{self.digest[:_SHORT_DIGEST]}" if self.digest else self.version

    def same_image(self, other: "Identity") -> bool:
        """By digest where both have one: two tags may name the same image."""
        if self.digest and other.digest:
            return self.digest == other.digest
        return self.version == other.version

    def covers(self, other: "Identity") -> bool:
        """Whether the other is what this one speaks of; without flags or a phase it speaks of any."""
        same_way = self.flags in {None, other.flags} and self.phase in {None, other.phase}
        return self.same_image(other) and same_way


def of(pin: Pin) -> Identity:
    """The identity of what a pin makes run."""
    return Identity(version=pin.version, digest=pin.digest, flags=feature_flags(pin).digest, phase=pin.phase)


def parse(text: str) -> Identity | None:
    """Read what `str()` wrote; None where it is anything else."""
    found = _TEXT.fullmatch(text)
    return Identity(**found.groupdict()) if found else None
