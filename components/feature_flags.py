"""Feature flags of the pinned release, as the file that the node reads."""

import hashlib
from dataclasses import dataclass

import tomli_w

from sections.pin import FlagValue, Pin
from sections.values import semantic_version


@dataclass(frozen=True, kw_only=True)
class FeatureFlags:
    """The `features.toml` of a release."""

    toml: str
    digest: str
    """First 12 hex digits of the sha256 of the file's bytes; the ConfigMap is named after it."""


def feature_flags(pin: Pin) -> FeatureFlags:
    """The flags that the pinned version knows, in a stable order."""
    toml = tomli_w.dumps(active_flags(pin))
    return FeatureFlags(toml=toml, digest=hashlib.sha256(toml.encode()).hexdigest()[:12])


def active_flags(pin: Pin) -> dict[str, FlagValue]:
    """Names and values without those that say `since` a newer version than the pinned one."""
    return {name: flag.value for name, flag in sorted(pin.flags.items()) if _known(flag.since, pin.version)}


def _known(since: str | None, version: str) -> bool:
    if since is None:
        return True
    first, pinned = semantic_version(since), semantic_version(version)
    return first is not None and pinned is not None and pinned >= first
