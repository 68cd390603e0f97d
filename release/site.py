"""Everything that a verb works with, of one stack, opened once."""

import logging
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release import project as projects
from release import survey
from release.errors import UNCHANGED, ContactLostError, RefusedError
from release.outside.cluster import Cluster
from release.outside.stack import Stack
from release.project import RUNS, Project
from release.signals import Signals
from release.stack_file import StackFile
from release.survey import Survey
from release.telling import records, redaction
from release.telling.records import Records
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from sections.release import Release
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Site:
    """A stack and its outside systems."""

    project: Project
    stack: Stack
    file: StackFile
    settings: Settings
    records: Records
    screen: Screen
    signals: Signals
    redactor: Redactor
    environment: Mapping[str, str]
    run: str
    """Names this run in the history, and its folder."""
    by: str
    known: Cluster | None = None
    """The cluster that is released into, where no state has to be asked for it."""

    @property
    def release(self) -> Release:
        """The stack's `release` section; `RefusedError` where it has none."""
        if self.settings.release is None or self.settings.pin is None:
            raise RefusedError(
                what=f"Stack {self.stack.name} releases nothing; nothing was changed",
                where=self.file.name,
                remedy="Stacks with alys:version and alys:release are released into.",
            )
        return self.settings.release

    @property
    def folder(self) -> Path:
        """Where this run leaves its logs and what failed pods said."""
        # A copy of the project links to where the others of it are.
        return (self.project.folder / RUNS).resolve() / self.run

    def next_log(self) -> Path:
        """For what the engine prints in the run's next update."""
        number = len(list(self.folder.glob("update-*.log"))) + 1
        return self.folder / f"update-{number}.log"

    def cluster(self) -> Cluster | None:
        """The cluster that is released into, as it is known now; None before it is made."""
        return self.known or survey.open_cluster(self.stack.name, self.settings, self.stack.state())

    def survey(self) -> Survey:
        """One look at history, state and cluster; refused where one of them can't be asked."""
        try:
            return survey.take(self.stack, self.settings, self.known)
        except ContactLostError as error:
            raise RefusedError(what=error.what + UNCHANGED, where=error.where, remedy=error.remedy) from None


def open_site(word: str, *, screen: Screen, redactor: Redactor, start: Path | None = None) -> Site:
    """The site of a stack that the command line names."""
    environment = dict(os.environ)
    redactor.learn(redaction.from_environment(environment))
    redaction.install(redactor, logging.getLogger())
    project = projects.find(start or Path.cwd())
    name = project.stack(word)
    settings = project.settings(name)
    return Site(
        project=project,
        stack=Stack(name=name, folder=project.folder, environment=environment),
        file=project.file(name),
        settings=settings,
        records=records.open_records(environment, settings, stack=name, redactor=redactor),
        screen=screen,
        signals=Signals(),
        redactor=redactor,
        environment=environment,
        run=f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}",
        by=records.who(environment),
    )
