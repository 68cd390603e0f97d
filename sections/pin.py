"""What runs: the keys that a deployment or a rollback changes."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sections.values import Digest, Name, OrderedVersion, Percent, Section, Version, semantic_version

FlagValue = StrictBool | StrictInt | StrictFloat | StrictStr
FlagName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Flag(Section):
    """A feature flag: its value, and the first version that knows it."""

    value: FlagValue = Field(description="true, false, a number or a text", examples=[True])
    since: OrderedVersion | None = Field(
        default=None,
        description="First version that gets the flag; older ones run without it.",
        examples=["v2.1.0"],
    )


def _short_form(flag: Any) -> Any:
    # `parallel_import: true` is what people write; the long form is for `since`.
    return cast("object", flag) if isinstance(flag, Mapping | Flag) else {"value": flag}


Flags = dict[FlagName, Annotated[Flag, BeforeValidator(_short_form)]]


class Pin(Section):
    """The release that a stack pins: deploying, promoting and rolling back change this and nothing else."""

    version: Version = Field(description="Image tag of the node.", examples=["v1.0.0"])
    digest: Digest | None = Field(
        default=None,
        description="What the tag was when it was pinned; only a registry on localhost may go without.",
        examples=["sha256:" + "0123456789abcdef" * 4],
    )
    rollout: Percent = Field(
        default=100, description="Percent of the pods that run the pinned version.", examples=[100]
    )
    flags: Flags = Field(
        default_factory=dict,
        description="Feature flags, mounted into the node as features.toml.",
        examples=[{"parallel_import": True, "fast_sync": {"value": True, "since": "v2.1.0"}}],
    )

    phase: Name | None = Field(
        default=None,
        description="Phase of the migration, by its name in migration/phases.toml; none before the first.",
        examples=["foundation"],
    )

    @model_validator(mode="after")
    def _flags_can_be_compared(self) -> "Pin":
        for name, flag in self.flags.items():
            if flag.since and semantic_version(self.version) is None:
                raise PydanticCustomError(
                    "version_without_order",
                    "says since {since}, but the pinned version {version} has no place in that order",
                    {"key": f"flags.{name}.since", "since": flag.since, "version": self.version},
                )
        return self


def image_reference(repository: str, pin: Pin) -> str:
    """`repository:version@digest`; without the digest where none is pinned."""
    tagged = f"{repository}:{pin.version}"
    return f"{tagged}@{pin.digest}" if pin.digest else tagged
