"""Where backups are kept: what any such place can do."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from release.migration.backups import Backup
from release.migration.data_job import BACKUPS
from release.migration.data_jobs import BackupsOf


class Store(Protocol):
    """Keeps the backups of a stack's pods."""

    @property
    def where(self) -> str:
        """For people."""
        ...

    def found(self) -> tuple[Backup, ...]:
        """All that are in it, newest first."""
        ...

    def make(self, name: str, pods: Sequence[str]) -> str:
        """Back pods up while they run; why that failed, nothing where it didn't."""
        ...

    def mounted(self, backup: str, pods: Sequence[str]) -> AbstractContextManager[BackupsOf]:
        """What a Job mounts to read its pod's part, which is then at `folder(backup, pod)`."""
        ...

    def forget(self, names: Sequence[str]) -> str:
        """Delete backups; why that failed, nothing where it didn't."""
        ...


def folder(backup: str, pod: str) -> str:
    """Where a pod's part of a backup is, as Jobs see it."""
    return f"{BACKUPS}/{backup}/{pod}"
