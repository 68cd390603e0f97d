"""Where a rehearsal plays: a namespace of its own, and a stack that releases into it; all gone afterwards."""

import base64
import json
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

import settings
from release.errors import ContactLostError, RefusedError
from release.migration.backups import Backup
from release.migration.passage import Data
from release.outside.cluster import RELEASE, Cluster
from release.outside.kube import Kube
from release.outside.pods import at, node_container
from release.outside.stack import Stack
from release.project import Project
from release.rehearsal import copied_data, stack_file
from release.rehearsal.stack_file import Place
from release.site import Site
from release.stack_file import StackFile
from release.telling.records import Records
from sections.pin import Pin
from sections.release import rehearsal_namespace

STACK = "rehearsal"
MARKER = "alys-node-rehearsal"
"""A ConfigMap in the stack's namespace, that says whose copy there is."""
PULL_SECRET = f"{RELEASE}-registry"
"""Holds a Docker `config.json`, as the program declares it where machines have no right of their own."""
GONE_WITHIN_SECONDS = 180
"""Of a namespace with everything in it."""
_LEFT_OUT = {".git", ".local"}
_PULUMIS_OWN = ("PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK")
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The copy of a site, with the data of a backup."""

    own: Site
    """The site that it is a copy of."""
    data: Data
    """Of that site."""
    namespace: str

    def take(self) -> None:
        """Hold it for this clone: what a killed rehearsal left goes, one of another clone is refused."""
        by, since = self._holder()
        if by and by != self._by:
            raise RefusedError(
                what=f"A rehearsal of {by} is at work since {since}, or was killed; nothing was changed",
                where=f"namespace {self.namespace}",
                remedy="Wait for it. Where nobody is at work any more:  "
                f"kubectl delete configmap {MARKER} -n {self.data.cluster.namespace}",
            )
        if by:
            self.end()
        elif self._kube.find(self._space):
            raise RefusedError(
                what=f"There is a namespace {self.namespace} that no rehearsal made; nothing was changed",
                where=f"namespace {self.namespace}",
                remedy=f"Look what it is:  kubectl get all -n {self.namespace}\n"
                f"Where nobody needs it:  kubectl delete ns {self.namespace}",
            )
        meta = {"name": MARKER}
        made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"by": self._by}}
        self._kube.create(self._markers, made)

    def open(self, folder: Path, backup: Backup, before: Pin) -> Site:
        """Fill it: data, stack file and stack; the site of the copy, where nothing runs yet."""
        own = self.own
        copied_data.copy(self.data, backup, self.data.pods(), to=self.namespace)
        config = own.file.config()
        context, environment = _entered(self._kube, folder)
        project, state = folder / "project", folder / "state"
        link(own.project.folder, project)
        state.mkdir()
        environment |= {
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(),
        }
        kept = {key: value for key, value in own.environment.items() if key not in _PULUMIS_OWN}
        stack = Stack(name=STACK, folder=project, environment={**kept, **environment})
        file = StackFile(stack=STACK, folder=project)
        place = Place(
            namespace=self.namespace, context=context, image=image(self.data.cluster.statefulset() or {})
        )
        (project / file.name).write_text(yaml.safe_dump({"config": stack_file.config(config, place)}))
        file.write(before)
        stack.make()
        for name in stack_file.secrets(config):
            stack.keep_secret(f"secrets.{name}", secrets.token_hex(32))
        if stack_file.pulls_by_secret(config):
            stack.keep_secret("registry_token", self._registry_token())
        said = settings.load(project / file.name)
        return replace(
            own,
            project=Project(folder=project),
            stack=stack,
            file=file,
            # Whose Prometheus the gates ask.
            settings=said.model_copy(update={"observability": own.settings.observability}),
            records=Records(environment={}, redactor=own.redactor),
            screen=own.screen.of("the copy"),
            environment=stack.environment,
            known=Cluster(kube=self._kube, namespace=self.namespace),
        )

    def end(self) -> None:
        """Take everything away, also from where a killed rehearsal left it half-made."""
        copied_data.forget(self.data, to=self.namespace)
        over = time.monotonic() + GONE_WITHIN_SECONDS
        while found := self._kube.find(self._space):
            if not at(found, "metadata").get("deletionTimestamp"):
                self._kube.delete(self._space, uid=found["metadata"]["uid"])
            if time.monotonic() > over:
                raise ContactLostError(
                    what=f"The copy isn't gone after {GONE_WITHIN_SECONDS} s; the stack isn't touched by it",
                    where=f"namespace {self.namespace}",
                    remedy=f"See what it waits for:  kubectl get ns {self.namespace} -o yaml\n"
                    "The next rehearsal takes it away first.",
                )
            time.sleep(_LOOK_SECONDS)
        if marker := self._kube.find(f"{self._markers}/{MARKER}"):
            self._kube.delete(f"{self._markers}/{MARKER}", uid=marker["metadata"]["uid"])

    def _registry_token(self) -> str:
        """What the stack's own pods pull with, from beside them."""
        where = f"/api/v1/namespaces/{quote(self.data.cluster.namespace)}/secrets/{PULL_SECRET}"
        token = pull_token(self._kube.find(where) or {})
        if token is None:
            raise ContactLostError(
                what="The secret that the image is pulled with can't be read; the stack isn't touched by it",
                where=f"secret {PULL_SECRET}, namespace {self.data.cluster.namespace}",
                remedy=f"Let the stack make it:  pulumi up -s {self.own.stack.name}",
            )
        self.own.redactor.learn([token])
        return token

    @property
    def _kube(self) -> Kube:
        return self.data.cluster.kube

    @property
    def _space(self) -> str:
        return f"/api/v1/namespaces/{quote(self.namespace)}"

    @property
    def _markers(self) -> str:
        return f"/api/v1/namespaces/{quote(self.data.cluster.namespace)}/configmaps"

    @property
    def _by(self) -> str:
        return f"{socket.gethostname()}:{self.own.project.folder}"

    def _holder(self) -> tuple[str, str]:
        marker = self._kube.find(f"{self._markers}/{MARKER}") or {}
        since = at(marker, "metadata").get("creationTimestamp") or "an unknown time"
        return str(at(marker, "data").get("by") or ""), str(since)


@contextmanager
def stage(site: Site, data: Data, backup: Backup, before: Pin) -> Generator[Site]:
    """The site of a throwaway copy that has a backup's data, and where nothing runs yet.

    `RefusedError` beside another rehearsal, `ContactLostError` where it can't be made; nothing is left of it,
    however it ends.
    """
    made = Stage(own=site, data=data, namespace=rehearsal_namespace(data.cluster.namespace))
    made.take()
    with tempfile.TemporaryDirectory(prefix="alys-rehearsal-") as folder:
        try:
            yield made.open(Path(folder), backup, before)
        finally:
            site.screen.begin("taking the copy away")
            made.end()
            site.screen.rest()


def link(project: Path, folder: Path) -> None:
    """Make a folder like the project's, but for its stack files: what a run leaves is left in the project."""
    folder.mkdir()
    for entry in project.iterdir():
        stacks = entry.name.startswith("Pulumi.") and entry.name != "Pulumi.yaml"
        if not stacks and entry.name not in _LEFT_OUT:
            (folder / entry.name).symlink_to(entry)


def image(statefulset: Mapping[str, Any]) -> str:
    """The repository that the node's pods have their image from, which may be a cache's. Pure."""
    named = str(node_container(statefulset)["image"]).partition("@")[0]
    head, slash, last = named.rpartition("/")
    return head + slash + last.partition(":")[0]


def pull_token(secret: Mapping[str, Any]) -> str | None:
    """The token in a pull secret; None where it holds none. Pure."""
    try:
        held = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))
        (login,) = held["auths"].values()
        return str(login["password"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _entered(kube: Kube, folder: Path) -> tuple[str, dict[str, str]]:
    """A context that leads into the cluster, and the variables by which it is found."""
    entrance = kube.entrance
    if entrance.context:
        return entrance.context, {}
    text = entrance.kubeconfig or ""
    file = folder / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(text)
    return str(yaml.safe_load(text)["current-context"]), {"KUBECONFIG": os.fspath(file)}
