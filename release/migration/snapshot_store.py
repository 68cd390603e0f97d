"""Backups as snapshots of the pods' volumes: the node writes a manifest before, and a copy is read."""

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from release.errors import ReleaseError
from release.migration import backups
from release.migration.backups import Backup, Manifest, Part
from release.migration.data_job import BACKUPS, Mount
from release.migration.data_jobs import BackupsOf, DataJobs
from release.migration.store import folder
from release.outside.cluster import RELEASE, Cluster
from release.outside.pods import at
from release.outside.volumes import KIND, Volumes
from sections.release import Snapshots

BACKUP, POD = "alys.network/backup", "alys.network/pod"
"""Labels of a snapshot, which the chart's have, too."""
MANIFEST = "alys.network/manifest"
"""Annotation with what was read in a copy of it: a snapshot never changes."""
LOOK_SECONDS = 0.5


class SnapshotStore:
    """The snapshots of a stack's volumes."""

    where = "volume snapshots"

    def __init__(self, *, cluster: Cluster, jobs: DataJobs, classes: Snapshots, limit_seconds: int) -> None:
        """`limit_seconds` is what all snapshots of a backup may take until they are ready."""
        self._cluster = cluster
        self._volumes = Volumes(cluster)
        self._jobs = jobs
        self._classes = classes
        self._limit = limit_seconds

    def found(self) -> tuple[Backup, ...]:
        """Those of the namespace; what no one has read yet is read in copies first."""
        there, found = {pod.name for pod in self._cluster.pods()}, self._snapshots()
        unread = [one for one in found if is_ready(one) and not _noted(one) and _pod(one) in there]
        if unread:
            self._read(unread)
            found = self._snapshots()
        return backups.gathered(map(part, found))

    def make(self, name: str, pods: Sequence[str]) -> str:
        """Have each node write its manifest, then take the snapshots; none stays of a backup that failed."""
        ended = self._jobs.write({pod: ["backup", "--in-place"] for pod in pods})
        if failed := next((one for one in ended.values() if not one.passed), None):
            return failed.reason
        made = [snapshot(name, pod, snapshot_class=self._classes.snapshot_class) for pod in pods]
        names = [one["metadata"]["name"] for one in made]
        try:
            for one in made:
                self._volumes.take(one)
            problem = self._until_ready(names)
        except ReleaseError:
            self._drop(names)
            raise
        if problem:
            self._drop(names)
        return problem

    @contextmanager
    def mounted(self, backup: str, pods: Sequence[str]) -> Generator[BackupsOf]:
        """A volume for each pod, made of its snapshot when a Job begins, and gone with the Job."""
        wanted = [one for one in self._snapshots() if _label(one, BACKUP) == backup]
        yield self._copies([one for one in wanted if _pod(one) in pods])

    def forget(self, names: Sequence[str]) -> str:
        """Delete the snapshots, in the storage, too."""
        wanted = [one for one in self._snapshots() if _label(one, BACKUP) in names]
        try:
            self._drop([one["metadata"]["name"] for one in wanted])
        except ReleaseError as error:
            return error.what
        return ""

    def _snapshots(self) -> list[Mapping[str, Any]]:
        return self._volumes.snapshots(f"{BACKUP},{POD},app.kubernetes.io/part-of={RELEASE}")

    def _read(self, unread: Sequence[Mapping[str, Any]]) -> None:
        names = {(_label(one, BACKUP), _pod(one)): one["metadata"]["name"] for one in unread}
        mounts = self._copies(unread)
        ended = self._jobs.work({pod: ["backups", "--in", BACKUPS] for pod in mounts}, mounts)
        where = f"namespace {self._cluster.namespace}"
        read = [one for job in ended.values() if job.passed for one in backups.read(job.said, where=where)]
        for one in read:
            if one.manifest:
                self._volumes.annotate(names[one.name, one.folder], MANIFEST, one.manifest.model_dump_json())

    def _copies(self, found: Sequence[Mapping[str, Any]]) -> dict[str, list[Mount]]:
        mounts: dict[str, list[Mount]] = {}
        for one in found:
            pod = _pod(one)
            name, kind = one["metadata"]["name"], self._classes.storage_class
            source = self._volumes.copy(name, of=f"data-{pod}", storage_class=kind)
            mounts.setdefault(pod, []).append(Mount(source=source, path=folder(_label(one, BACKUP), pod)))
        return mounts

    def _until_ready(self, names: Sequence[str]) -> str:
        over = time.monotonic() + self._limit
        while True:
            waiting = [
                one for one in self._snapshots() if one["metadata"]["name"] in names and not is_ready(one)
            ]
            if not waiting:
                return ""
            if time.monotonic() > over:
                why = at(waiting[0], "status", "error").get("message") or "its driver says nothing"
                return f"{waiting[0]['metadata']['name']} isn't ready after {self._limit} s: {why}"
            time.sleep(LOOK_SECONDS)

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._volumes.drop(name)


def snapshot(backup: str, pod: str, *, snapshot_class: str) -> dict[str, Any]:
    """What is to be made of a pod's volume, as the chart makes it. Pure."""
    return {
        **KIND,
        "metadata": {"name": f"{pod}-{backup}", "labels": {**_own(), BACKUP: backup, POD: pod}},
        "spec": {
            "volumeSnapshotClassName": snapshot_class,
            "source": {"persistentVolumeClaimName": f"data-{pod}"},
        },
    }


def is_ready(made: Mapping[str, Any]) -> bool:
    """Whether a volume can be made of it. Pure."""
    return at(made, "status").get("readyToUse") is True


def part(made: Mapping[str, Any]) -> Part:
    """What a snapshot is of a backup. Pure."""
    manifest, problem, name = None, None, made["metadata"]["name"]
    if not is_ready(made):
        problem = f"{name} isn't ready"
    elif not (text := _noted(made)):
        problem = f"{name} has no manifest"
    else:
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError:
            problem = f"the annotation {MANIFEST} of {name} is no manifest"
    return Part(name=_label(made, BACKUP), folder=_pod(made), manifest=manifest, problem=problem)


def _own() -> dict[str, str]:
    return {"app.kubernetes.io/name": f"{RELEASE}-backup", "app.kubernetes.io/part-of": RELEASE}


def _label(made: Mapping[str, Any], name: str) -> str:
    return str(made["metadata"]["labels"][name])


def _pod(made: Mapping[str, Any]) -> str:
    return _label(made, POD)


def _noted(made: Mapping[str, Any]) -> str:
    return str(at(made, "metadata", "annotations").get(MANIFEST) or "")
