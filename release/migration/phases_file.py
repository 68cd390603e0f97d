"""The phases of `migration/phases.toml`, typed, in their order."""

import difflib
import json
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from release import toml_file
from release.errors import shown
from release.gates_file import GatesFile
from release.toml_file import Key
from sections.pin import FlagName
from sections.values import Name, OrderedVersion, Section, semantic_version

EXAMPLES: dict[str, Any] = {
    "says": "The node runs as actors",
    "after": "foundation",
    "version": "v2.0.0",
    "flags": ["actor_sync"],
    "format": 1,
    "validation": ["validate", "--phase", "actor-core"],
    "reversible": True,
    "way_back": "version",
}


class WayBack(Enum):
    """What undoes entering a phase; `migration/phases.toml` explains each."""

    FLAGS = "flags"
    VERSION = "version"
    RESTORE = "restore"


class Phase(Section):
    """A phase of the migration: what it needs, and how it is left again."""

    says: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="What the phase is, for people."
    )
    after: Name | None = Field(default=None, description="The phase before; none for the first.")
    version: OrderedVersion = Field(description="The first version that knows the phase.")
    flags: list[FlagName] = Field(default_factory=list[FlagName], description="Flags that must be on.")
    format: Annotated[int, Field(ge=1, le=1000)] = Field(description="Format of the node's data.")
    validation: Annotated[list[str], Field(min_length=1)] = Field(
        description="Words of the node's command that says whether its data is whole."
    )
    reversible: bool = Field(description="Whether it can be left for the phase before once it was passed.")
    way_back: WayBack = Field(description="What undoes entering it.")

    @model_validator(mode="after")
    def _agrees(self) -> "Phase":
        if self.reversible == (self.way_back is WayBack.RESTORE):
            raise PydanticCustomError(
                "way_back_disagrees",
                "= {said}, and way_back = {way}: what only a backup gives back can't be left later",
                {"key": "reversible", "said": str(self.reversible).lower(), "way": self.way_back.value},
            )
        return self


class PhasesFile(Section):
    """All phases by name."""

    phases: Annotated[dict[Name, Phase], Field(min_length=1)] = Field(description="Phases by name.")

    @model_validator(mode="after")
    def _one_line(self) -> "PhasesFile":
        for problem in self._problems():
            raise problem
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """The names, first to last."""
        following = {phase.after: name for name, phase in self.phases.items()}
        names: list[str] = []
        while (name := following.get(names[-1] if names else None)) and name not in names:
            names.append(name)
        return tuple(names)

    def place(self, name: str | None) -> int:
        """The place of a phase from 0; -1 before the first."""
        return -1 if name is None else self.order.index(name)

    def _problems(self) -> Iterator[PydanticCustomError]:
        followed: dict[str | None, str] = {}
        for name, phase in self.phases.items():
            if phase.after is not None and phase.after not in self.phases:
                near = difflib.get_close_matches(phase.after, self.phases, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                yield _problem(name, "names {other}, which is no phase{meant}", phase.after, meant)
            if phase.after in followed:
                other = followed[phase.after]
                yield _problem(name, "is that of {other}, too: phases follow one another", other)
            followed[phase.after] = name
        for name in self.phases.keys() - set(self.order):
            yield _problem(name, "leads back to {other}, and never to the first phase", name)
        for before, name in pairwise(self.order):
            if problem := _disagreement(self.phases[before], self.phases[name]):
                key, reason = problem
                context = {"key": f"phases.{name}.{key}", "before": before}
                yield PydanticCustomError("disagrees", reason, context)  # type: ignore[arg-type]


def read(path: Path, gates: GatesFile) -> PhasesFile:
    """Read a phases file; `RefusedError` names every mistake in it, and a phase without gates."""
    found = toml_file.read(path, PhasesFile, _accepted)
    for name in found.order:
        gates.of(name)
    return found


def _disagreement(before: Phase, phase: Phase) -> tuple[str, str] | None:
    """The key, and what is wrong with it, where a phase doesn't fit the one before."""
    if phase.format < before.format:
        return "format", "is older than that of {before}, the phase before"
    if phase.format == before.format or phase.way_back is WayBack.RESTORE:
        return None
    if phase.way_back is WayBack.FLAGS:
        return (
            "way_back",
            "= flags, which leaves the data alone, and its format is another one than in {before}",
        )
    first, earlier = semantic_version(phase.version), semantic_version(before.version)
    if first and earlier and earlier < first:
        return (
            "version",
            "is newer than that of {before}, so what went back to it could not take the data back",
        )
    return None


def _problem(name: str, reason: str, other: str, meant: str = "") -> PydanticCustomError:
    context = {"key": f"phases.{name}.after", "other": shown(other), "meant": meant}
    return PydanticCustomError("no_line", reason, context)  # type: ignore[arg-type]


def _accepted(key: Key, mistake: str) -> str:
    model: type[BaseModel] = Phase if len(key) > 1 else PhasesFile
    if key and mistake == "extra_forbidden":
        near = difflib.get_close_matches(key[-1], model.model_fields, n=1)
        return f"  Did you mean {near[0]}?" if near else f"  The keys are {', '.join(model.model_fields)}."
    name = key[1] if len(key) > 1 else "actor-core"
    if len(key) > 2 and key[2] in EXAMPLES:  # noqa: PLR2004
        return f"  Such a line is accepted in [phases.{name}]:\n    {_line(key[2])}"
    # Without `after`: it would have to be there.
    lines = ["[phases.actor-core]", *(_line(word) for word in EXAMPLES if word != "after")]
    return "  Such a phase is accepted:\n" + "\n".join(f"    {line}" for line in lines)


def _line(key: str) -> str:
    # TOML writes texts, numbers, truth and lists of them as JSON does.
    return f"{key} = {json.dumps(EXAMPLES[key])}"
