"""Backups as folders NAME/POD on a volume of their own, written and read by the node's commands."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from release.errors import ContactLostError
from release.migration import backups
from release.migration.backups import Backup
from release.migration.data_job import BACKUPS, Mount, claimed
from release.migration.data_jobs import BackupsOf, DataJobs
from release.migration.store import folder
from release.outside.cluster import Cluster

CLAIM = "alys-node-backups"
"""The claim of the volume, as the program names it."""
_READ, _WRITE = (Mount(source=claimed(CLAIM), path=BACKUPS, writes=writes) for writes in (False, True))


class VolumeStore:
    """The volume of a stack."""

    where = "backup volume"

    def __init__(self, *, cluster: Cluster, jobs: DataJobs) -> None:
        self._cluster = cluster
        self._jobs = jobs

    def found(self) -> tuple[Backup, ...]:
        """Ask the volume, from beside the first pod; `ContactLostError` where it can't be read."""
        pod = self._cluster.pods()[0].name
        ended = self._jobs.work({pod: ["backups", "--in", BACKUPS]}, {pod: [_READ]})[pod]
        where = f"namespace {self._cluster.namespace}"
        if not ended.passed:
            raise ContactLostError(
                what=f"The backups can't be listed: {ended.reason}",
                where=where,
                remedy=f"See what is on the volume:  kubectl describe pvc {CLAIM}",
            )
        return backups.gathered(backups.read(ended.said, where=where))

    def make(self, name: str, pods: Sequence[str]) -> str:
        """Copy each pod's data."""
        words = {pod: ["backup", "--to", folder(name, pod)] for pod in pods}
        ended = self._jobs.work(words, {pod: [_WRITE] for pod in pods})
        return next((one.reason for one in ended.values() if not one.passed), "")

    @contextmanager
    def mounted(self, backup: str, pods: Sequence[str]) -> Generator[BackupsOf]:  # noqa: ARG002
        """The whole volume, for every pod."""
        yield {pod: [_READ] for pod in pods}

    def forget(self, names: Sequence[str]) -> str:
        """Delete folders, from beside the first pod."""
        pod = self._cluster.pods()[0].name
        ended = self._jobs.work({pod: ["forget", "--in", BACKUPS, *names]}, {pod: [_WRITE]})[pod]
        return "" if ended.passed else ended.reason
