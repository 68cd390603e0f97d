"""What a look begins with: the project, the environment, and what must not be said of them."""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release import project as projects
from release.outside.stack import Stack
from release.project import Project
from release.signals import Signals
from release.site import Site
from release.telling import redaction
from release.telling.records import Records
from release.telling.redaction import Redactor
from release.telling.screen import Screen


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A project, before any of its stacks is asked."""

    project: Project
    environment: Mapping[str, str]
    redactor: Redactor

    def stack(self, name: str) -> Stack:
        """A stack, by the name of its file."""
        return Stack(name=name, folder=self.project.folder, environment=self.environment)

    def site(self, word: str) -> Site:
        """A stack with its outside systems, and nobody who is told; progress stays out of the results."""
        name = self.project.stack(word)
        return Site(
            project=self.project,
            stack=self.stack(name),
            file=self.project.file(name),
            settings=self.project.settings(name),
            records=Records(environment={}, redactor=self.redactor),
            screen=Screen(stream=sys.stderr, redactor=self.redactor),
            signals=Signals(),
            redactor=self.redactor,
            environment=self.environment,
            run="",
            by="",
        )


def open_outlook(*, start: Path | None = None) -> Outlook:
    """The project that the command is run in."""
    environment = dict(os.environ)
    redactor = Redactor(redaction.from_environment(environment))
    redaction.install(redactor, logging.getLogger())
    return Outlook(project=projects.find(start or Path.cwd()), environment=environment, redactor=redactor)
