"""Runs the node's commands on pods' data, as Jobs that are taken away again."""

import secrets
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from release.errors import ContactLostError, NoWayBackError, RefusedError
from release.migration.data_job import SECONDS_TO_START, Mounts, data_job
from release.outside.cluster import Cluster
from release.outside.pods import at

LABEL = "alys.network/run"
"""On the driver's own Jobs, with the run that made them."""
LOOK_SECONDS = 0.5
_SAID_AT_MOST = 300
Words = Mapping[str, Sequence[str]]
"""A command of the node for each pod."""
BackupsOf = Mapping[str, Mounts]
"""The backups that each pod's Job has."""


class RestoreFailedError(ContactLostError):
    """A backup could not be put into the place of the data, which is as it was."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a command came to."""

    pod: str
    passed: bool
    said: str
    """All that it printed, or why it never began."""

    @property
    def reason(self) -> str:
        """Why it failed, on one line."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return f"{self.pod}: {(lines or ['it says nothing'])[-1].removeprefix('alys-node: ')[:_SAID_AT_MOST]}"


class DataJobs:
    """The Jobs of one run."""

    def __init__(self, *, cluster: Cluster, run: str, limit_seconds: int) -> None:
        """`limit_seconds` is what one pod's command may take."""
        self._cluster = cluster
        self._run = run
        self._limit = limit_seconds

    def look(self, words: Words) -> dict[str, Ended]:
        """Run commands that only read the pods' data, all at once."""
        return self._finish({pod: self._start(pod, words[pod]) for pod in words}, self._limit)

    def write(self, words: Words) -> dict[str, Ended]:
        """Run commands that write beside the pods' data while they run, all at once."""
        return self._finish({pod: self._start(pod, words[pod], writes=True) for pod in words}, self._limit)

    def work(self, words: Words, backups: BackupsOf) -> dict[str, Ended]:
        """Run commands that only read the pods' data, and have backups.

        One after another, for those may be on a volume that one machine at a time can mount.
        """
        ended: dict[str, Ended] = {}
        for pod, command in words.items():
            ended |= self._finish({pod: self._start(pod, command, mounts=backups[pod])}, self._limit)
        return ended

    def fill(self, pod: str, claim: str, source: str, mounts: Mounts) -> Ended:
        """Restore a pod's backup, at a folder, into another volume than its own."""
        words = ["restore", "--from", source]
        name = self._start(pod, words, mounts=mounts, writes=True, claim=claim)
        return self._finish({pod: name}, self._limit)[pod]

    @contextmanager
    def restores(
        self, sources: Mapping[str, str], backups: BackupsOf, *, wait_seconds: int
    ) -> Generator[None]:
        """Restores that stand ready: each has the data as soon as something ends its pod.

        `sources` is the folder of each pod's backup. `NoWayBackError` where one can't stand ready, and
        `RestoreFailedError` where one could not be done; what isn't done in the end is taken away.
        """
        names: dict[str, str] = {}
        try:
            for pod, source in sources.items():
                command = ["restore", "--from", source, "--wait", str(wait_seconds)]
                limit = wait_seconds + self._limit
                names[pod] = self._start(pod, command, mounts=backups[pod], limit=limit, writes=True)
            for pod, name in names.items():
                self._stand_ready(pod, name)
            yield
            failed = [one for one in self._finish(names, 0).values() if not one.passed]
            if failed:
                raise RestoreFailedError(
                    what=f"A backup was not restored: {failed[0].reason}",
                    where=f"namespace {self._cluster.namespace}",
                    remedy=f"See what its pod says:  kubectl logs {failed[0].pod} -c migrate",
                )
        finally:
            self._take_away(names.values())

    def _take_away(self, names: Iterable[str]) -> None:
        """Each of them, also where another one can't be: one that is left would restore unasked."""
        lost: ContactLostError | None = None
        for name in names:
            try:
                self._cluster.delete_job(name)
            except ContactLostError as error:
                lost = error
        if lost:
            raise lost

    def _stand_ready(self, pod: str, name: str) -> None:
        over = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < over:
            status = at(self._cluster.job(name) or {}, "status")
            if status.get("ready") or status.get("succeeded"):
                return
            if status.get("failed"):
                break
            time.sleep(LOOK_SECONDS)
        raise NoWayBackError(
            what=f"The restore of {pod} can't stand ready: {self._ended(pod, name).reason}",
            where=f"Job {name}, namespace {self._cluster.namespace}",
            remedy="See why:  kubectl describe pods -l job-name=" + name,
        )

    def _start(
        self,
        pod: str,
        words: Sequence[str],
        *,
        mounts: Mounts = (),
        limit: int = 0,
        writes: bool = False,
        claim: str = "",
    ) -> str:
        made = data_job(
            self._statefulset(),
            pod,
            words,
            name=f"{pod}-{words[0]}-{secrets.token_hex(3)}",
            mounts=mounts,
            limit_seconds=limit or self._limit,
            writes=writes,
            claim=claim,
        )
        self._create(made)
        return str(made["metadata"]["name"])

    def _statefulset(self) -> Mapping[str, Any]:
        found = self._cluster.statefulset()
        if found is None:
            raise RefusedError(
                what="There are no pods whose data could be worked on; nothing was changed",
                where=f"namespace {self._cluster.namespace}",
                remedy="Release a version first:  release deploy STACK v1.2.3",
            )
        return found

    def _create(self, job: Mapping[str, Any]) -> None:
        labels = {**at(job, "metadata", "labels"), LABEL: self._run}
        self._cluster.create_job({**job, "metadata": {**job["metadata"], "labels": labels}})

    def _finish(self, names: Mapping[str, str], seconds: float) -> dict[str, Ended]:
        over = time.monotonic() + seconds + SECONDS_TO_START
        try:
            while time.monotonic() < over and not all(map(self._has_ended, names.values())):
                time.sleep(LOOK_SECONDS)
            return {pod: self._ended(pod, name) for pod, name in names.items()}
        finally:
            self._take_away(names.values())

    def _has_ended(self, name: str) -> bool:
        conditions: list[Mapping[str, str]] = (
            at(self._cluster.job(name) or {}, "status").get("conditions") or []
        )
        return any(one["type"] in {"Complete", "Failed"} and one["status"] == "True" for one in conditions)

    def _ended(self, pod: str, name: str) -> Ended:
        job = self._cluster.job(name) or {}
        said = self._cluster.job_log(name)
        conditions: list[Mapping[str, str]] = at(job, "status").get("conditions") or []
        why = next((one.get("message", "") for one in reversed(conditions)), "it hasn't ended yet")
        return Ended(pod=pod, passed=bool(at(job, "status").get("succeeded")), said=said or why)


def clear(cluster: Cluster) -> int:
    """Take away what killed runs left standing, before it restores something unasked; how many."""
    left = cluster.jobs(LABEL)
    for name in left:
        cluster.delete_job(name)
    return len(left)
