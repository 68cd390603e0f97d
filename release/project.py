"""The project's folder, found from where the command is run, and the stacks that have a file in it."""

from dataclasses import dataclass
from pathlib import Path

import settings
from release.commands import arguments
from release.errors import UsageError
from release.stack_file import StackFile
from settings import Settings

RUNS = ".release"
"""Folder of what runs leave for people: the engine's logs, and what failed pods said."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """The folder that holds `Pulumi.yaml`."""

    folder: Path

    @property
    def stacks(self) -> tuple[str, ...]:
        """Every stack that has a file, by name."""
        names = (path.name[len("Pulumi.") : -len(".yaml")] for path in self.folder.glob("Pulumi.*.yaml"))
        return tuple(sorted(names))

    def stack(self, text: str) -> str:
        """A word of the command line as the name of a stack; `UsageError` where there is no such stack."""
        return arguments.stack(text, known=self.stacks)

    def file(self, stack: str) -> StackFile:
        """The stack's file."""
        return StackFile(stack=stack, folder=self.folder)

    def settings(self, stack: str) -> Settings:
        """What the stack's file says; raises `UnusableError` that names every mistake."""
        return settings.load(self.folder / f"Pulumi.{stack}.yaml")


def find(start: Path) -> Project:
    """The project that a folder is in, as `pulumi` finds it: here, or above."""
    for folder in (start, *start.parents):
        if (folder / "Pulumi.yaml").is_file():
            return Project(folder=folder)
    raise UsageError(
        what="There is no Pulumi.yaml here or above; nothing was changed",
        where=str(start),
        remedy="Go to your clone first:  cd alys-release",
    )
