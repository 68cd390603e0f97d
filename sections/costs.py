"""What an environment may cost: the `costs` section."""

from typing import Annotated

from pydantic import Field, StringConstraints

from sections.values import Section

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=50)]
"""An address that AWS writes to; Budgets takes at most 50 characters."""


class Costs(Section):
    """A budget and a watch for sudden changes; both look at the `environment` tag."""

    monthly: Annotated[int, Field(ge=1)] = Field(description="Budget in US dollars a month.", examples=[900])
    emails: tuple[Email, ...] = Field(
        description="Who is told.", examples=[["platform@alys.example"]], min_length=1, max_length=10
    )
    anomaly: Annotated[int, Field(ge=1)] = Field(
        default=50, description="A sudden change by so many US dollars is told.", examples=[50]
    )
