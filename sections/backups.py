"""How chain data is kept: the `backups` section."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sections.account import Region
from sections.values import Section

Schedule = Annotated[str, StringConstraints(pattern=r"^(cron|rate)\(.+\)$")]
"""When, as AWS Backup writes it, in UTC."""


class Lock(Section):
    """Nobody deletes a recovery point before its time."""

    mode: Literal["governance", "compliance"] = Field(
        default="governance",
        description="governance: an administrator may lift it; compliance: after grace_days nobody can.",
        examples=["governance"],
    )
    least_days: Annotated[int, Field(ge=1)] = Field(
        default=7, description="No recovery point lives shorter.", examples=[7]
    )
    grace_days: Annotated[int, Field(ge=3)] = Field(
        default=14,
        description="compliance only: days in which the lock can still be taken off.",
        examples=[14],
    )


class Backups(Section):
    """A plan that copies the volumes of the chain data into a vault, and a bin for deleted snapshots."""

    schedule: Schedule = Field(
        default="cron(0 3 * * ? *)", description="When, in UTC.", examples=["cron(0 3 * * ? *)"]
    )
    days: Annotated[int, Field(ge=1, le=3650)] = Field(
        description="How long a recovery point is kept.", examples=[35]
    )
    deleted_days: Annotated[int, Field(ge=1, le=365)] = Field(
        default=14,
        description="How long a phase's snapshot can be had back after somebody deleted it.",
        examples=[14],
    )
    copy_to: Region | None = Field(
        default=None, description="A second region that gets a copy of each.", examples=["us-west-2"]
    )
    lock: Lock | None = Field(
        default=None, description="Against deletion before its time.", examples=[{"mode": "governance"}]
    )

    @model_validator(mode="after")
    def _kept_as_long_as_the_lock_asks(self) -> "Backups":
        if self.lock and self.days < self.lock.least_days:
            raise PydanticCustomError(
                "shorter_than_lock",
                "= {days} is shorter than the lock's least_days, {least}; AWS would refuse each backup",
                {"key": "backups.days", "days": self.days, "least": self.lock.least_days},
            )
        return self
