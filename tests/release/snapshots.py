"""A pretended namespace with volumes, their snapshots, and a storage that makes them."""

import json
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

from release.errors import ContactLostError
from release.migration.data_jobs import Ended
from release.outside.kube import Gone

PODS = ("alys-node-0", "alys-node-1")
MANIFEST = {
    "version": "v2.0.0",
    "phase": "actor-core",
    "format": 1,
    "height": 7,
    "state_root": "a" * 64,
    "sha256": "b" * 64,
    "size": 1,
    "made": 0,
}


@dataclass
class FakeKube:
    """The API, as far as volumes go: objects by path."""

    objects: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    """Every change, as its verb and the last part of its path."""
    ready_after: float = 0
    """How many looks a snapshot takes to get ready."""
    says: str = ""
    """The storage's error, where it has one."""
    refuses: str = ""
    """The end of a path that can't be made."""

    def __post_init__(self):
        self._uids, self._looks = count(1), {}

    def get(self, path):
        if path not in self.objects:
            raise Gone(path)
        return self.objects[path]

    def find(self, path):
        return self.objects.get(path)

    def items(self, path, *, labelSelector=""):  # noqa: N803  the API's own name
        wanted = [one.partition("=") for one in labelSelector.split(",") if one]
        return [
            self._look(key, one)
            for key, one in list(self.objects.items())
            if key.rpartition("/")[0] == path and all(_has(one, name, value) for name, _, value in wanted)
        ]

    def create(self, path, made):
        name = made["metadata"]["name"]
        if self.refuses and name.endswith(self.refuses):
            raise ContactLostError(what="it answered 500", where="here", remedy="")
        self.objects[f"{path}/{name}"] = made | {
            "metadata": {**made["metadata"], "uid": str(next(self._uids))},
            "status": {},
        }
        self.done.append(("create", name))

    def patch(self, path, part):
        one = self.get(path)
        for key, value in part.items():
            held = one.setdefault(key, {})
            for inner, new in value.items():
                held[inner] = {**held.get(inner, {}), **new} if isinstance(new, dict) else new
        self.done.append(("patch", path.rpartition("/")[2]))

    def delete(self, path, *, uid):
        assert self.objects.pop(path)["metadata"]["uid"] == uid
        self.done.append(("delete", path.rpartition("/")[2]))

    def named(self, kind):
        return sorted(path.rpartition("/")[2] for path in self.objects if f"/{kind}/" in path)

    def _look(self, path, one):
        looks = self._looks[path] = self._looks.get(path, 0) + 1
        if self.says:
            one["status"] = {"readyToUse": False, "error": {"message": self.says}}
        elif looks > self.ready_after and not one.get("status") and "volumesnapshots/" in path:
            content = f"snapcontent-{one['metadata']['uid']}"
            one["status"] = {"readyToUse": True, "boundVolumeSnapshotContentName": content}
            self.objects[f"/apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents/{content}"] = {
                "metadata": {"name": content, "uid": "c"},
                "spec": {"deletionPolicy": "Retain"},
            }
        return one


def _has(one, name, value):
    labels = one["metadata"].get("labels", {})
    return labels.get(name) == value if value else name in labels


@dataclass
class FakeJobs:
    """Jobs that read what is mounted; `silent` folders have no manifest."""

    fails: str = ""
    silent: tuple = ()
    mounted: list = field(default_factory=list)
    wrote: list = field(default_factory=list)

    def write(self, words):
        self.wrote += words
        return {pod: Ended(pod=pod, passed=not self.fails, said=self.fails) for pod in words}

    def work(self, words, backups):
        ended = {}
        for pod in words:
            self.mounted += backups[pod]
            told = [self._told(*one.path.split("/")[2:]) for one in backups[pod]]
            ended[pod] = Ended(pod=pod, passed=not self.fails, said=self.fails or json.dumps(told))
        return ended

    def _told(self, name, pod):
        if pod in self.silent:
            return {"name": name, "folder": pod, "problem": "it has none"}
        return {"name": name, "folder": pod, "manifest": MANIFEST | {"pod": pod}}


def cluster(kube, pods=PODS):
    """A namespace with these pods, each with its volume."""
    for pod in PODS:
        kube.objects[f"/api/v1/namespaces/alys-local/persistentvolumeclaims/data-{pod}"] = {
            "metadata": {"name": f"data-{pod}", "uid": "0"},
            "spec": {"storageClassName": "alys-chain", "resources": {"requests": {"storage": "7Gi"}}},
        }
    there = tuple(SimpleNamespace(name=pod) for pod in pods)
    return SimpleNamespace(kube=kube, namespace="alys-local", pods=lambda: there)
