"""The gates and phases of `migration/gates.toml`, typed; its mistakes, told with what to write instead."""

import difflib
import re
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    FiniteFloat,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from release import toml_file
from release.errors import RefusedError, shown
from release.toml_file import Key
from sections.values import Name, Section

_PLACES = {"$series", "$window"}
EXAMPLES: dict[str, Any] = {
    "says": "Failed migration steps a second",
    "series": "alys_migration_errors_total",
    "query": "sum(rate($series[$window]))",
    "max": 0.01,
    "min": 100.0,
    "window_seconds": 300,
    "min_samples": 10,
    "fresh_seconds": 60,
}


def _with_places(query: str) -> str:
    used = set(re.findall(r"\$\w*", query))
    if "$series" not in used:
        raise ValueError("doesn't use $series, so it would look at every version in every namespace")
    if unknown := used - _PLACES:
        raise ValueError(f"uses {', '.join(sorted(unknown))}; only $series and $window are filled in")
    return query


class Gate(Section):
    """What one figure must be; counted as no data below `min_samples` or when older than `fresh_seconds`."""

    says: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="What the figure is, for people."
    )
    series: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")] = Field(
        description="The metric; namespace and version are filled in."
    )
    query: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_with_places)] = Field(
        description="PromQL over $series and $window that gives one series."
    )
    max: FiniteFloat | None = Field(default=None, description="The figure may be so much at most.")
    min: FiniteFloat | None = Field(default=None, description="The figure may be so much at least.")
    window_seconds: Annotated[int, Field(ge=10, le=86400)] = Field(
        default=300, description="What $window is, unless a soak is shorter."
    )
    min_samples: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=10, description="Samples of all pods in the window, at least."
    )
    fresh_seconds: Annotated[int, Field(ge=1, le=3600)] = Field(
        default=60, description="The newest sample of a pod may be so old at most."
    )

    @model_validator(mode="after")
    def _bounded(self) -> "Gate":
        if self.max is None and self.min is None:
            raise PydanticCustomError(
                "bound_missing", "has neither max nor min, so it would always pass", {"key": "max"}
            )
        return self


class GatesFile(Section):
    """All gates by name, and the names of those that hold in each phase."""

    gates: dict[Name, Gate] = Field(description="Gates by name.")
    phases: dict[Name, Annotated[list[str], Field(min_length=1)]] = Field(
        description="Names of gates by phase; `release` is for every release."
    )

    @model_validator(mode="after")
    def _known(self) -> "GatesFile":
        for phase, names in self.phases.items():
            for name in names:
                if name not in self.gates:
                    near = difflib.get_close_matches(name, self.gates, n=1)
                    raise PydanticCustomError(
                        "unknown_gate",
                        "names {name}, which is no gate{meant}",
                        {
                            "key": f"phases.{phase}",
                            "name": shown(name),
                            "meant": f"; did you mean {near[0]}?" if near else "",
                        },
                    )
        return self

    def of(self, phase: str) -> dict[str, Gate]:
        """The gates of a phase by name, in its order; `RefusedError` where there is no such phase."""
        if phase not in self.phases:
            raise RefusedError(
                what=f"There is no phase {shown(phase)}; nothing was changed",
                where="migration/gates.toml",
                remedy=f"The phases are {', '.join(self.phases)}.",
            )
        return {name: self.gates[name] for name in self.phases[phase]}


def read(path: Path) -> GatesFile:
    """Read a gates file; every mistake in it is named in one `RefusedError`."""
    return toml_file.read(path, GatesFile, _accepted)


def _accepted(key: Key, mistake: str) -> str:
    model: type[BaseModel] = Gate if key[:1] == ("gates",) else GatesFile
    if mistake == "extra_forbidden":
        near = difflib.get_close_matches(key[-1], model.model_fields, n=1)
        return f"  Did you mean {near[0]}?" if near else f"  The keys are {', '.join(model.model_fields)}."
    if key[:1] == ("phases",):
        return '  Such a phase is accepted:\n    [phases]\n    release = ["error-rate"]'
    gate = key[1] if len(key) > 1 else "error-rate"
    if len(key) > 2 and key[2] in EXAMPLES:  # noqa: PLR2004
        example = tomli_w.dumps({key[2]: EXAMPLES[key[2]]}).strip()
        return f"  Such a line is accepted in [gates.{gate}]:\n    {example}"
    lines = tomli_w.dumps(
        {"gates": {"error-rate": {key: EXAMPLES[key] for key in ("says", "series", "query", "max")}}}
    )
    return "  Such a gate is accepted:\n" + "\n".join(
        f"    {line}" for line in lines.strip().splitlines() if line
    )
