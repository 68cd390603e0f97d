"""What the driver sees of the node's namespace, and the two things that it does there itself."""

import base64
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from release.errors import ContactLostError
from release.outside import pods
from release.outside.kube import Kube
from release.outside.pods import Pod, Revisions, at

RELEASE = "alys-node"
"""Name of the Helm release, its StatefulSet and its Service, as the program declares them."""
SMOKE_TEST = f"{RELEASE}-smoke-test"
SECRETS = f"{RELEASE}-secrets"
_SELECTOR = f"app.kubernetes.io/name=alys-node,app.kubernetes.io/instance={RELEASE}"
_TAIL_LINES = "400"
_HELM_MEND_SECONDS = 120
_HELM_SECONDS = 30
"""What it may take beside what it waits for."""
_SAID_AT_MOST = 300
_HELM_SECRET = "helm.sh/release.v1"  # noqa: S105  a kind


@dataclass(frozen=True, kw_only=True)
class HelmRevision:
    """A revision of the Helm release."""

    number: int
    status: str
    """`deployed`, `failed`, `pending-upgrade`, `superseded` ..."""
    began: datetime


class Cluster:
    """The namespace of a stack's node."""

    def __init__(self, *, kube: Kube, namespace: str) -> None:
        self.kube = kube
        self.namespace = namespace

    @property
    def _core(self) -> str:
        return f"/api/v1/namespaces/{quote(self.namespace)}"

    @property
    def _jobs(self) -> str:
        return f"/apis/batch/v1/namespaces/{quote(self.namespace)}/jobs"

    @property
    def _apps(self) -> str:
        return f"/apis/apps/v1/namespaces/{quote(self.namespace)}"

    def uid(self) -> str | None:
        """The namespace's own; None where there is no such namespace."""
        found = self.kube.find(self._core)
        return str(found["metadata"]["uid"]) if found else None

    def pods(self) -> tuple[Pod, ...]:
        """The node's pods, by ordinal."""
        items = self.kube.items(f"{self._core}/pods", labelSelector=_SELECTOR)
        return tuple(sorted(map(pods.read, items), key=pods.ordinal))

    def revisions(self) -> Revisions | None:
        """The StatefulSet's; None where there is none."""
        found = self.statefulset()
        return pods.revisions(found) if found else None

    def statefulset(self) -> Mapping[str, Any] | None:
        """As the API shows it; None where there is none."""
        return self.kube.find(f"{self._apps}/statefulsets/{RELEASE}")

    def machines(self) -> frozenset[str]:
        """Those that the node's pods are on."""
        items = self.kube.items(f"{self._core}/pods", labelSelector=_SELECTOR)
        return frozenset(str(at(item, "spec").get("nodeName") or "") for item in items)

    def delete(self, pod: Pod) -> None:
        """End a pod at once; the StatefulSet makes a new one."""
        self.kube.delete(f"{self._core}/pods/{quote(pod.name)}", uid=pod.uid)

    def helm(self) -> tuple[HelmRevision, ...]:
        """The revisions of the Helm release, oldest first, as Helm's own records say."""
        items = self.kube.items(
            f"{self._core}/secrets",
            labelSelector=f"owner=helm,name={RELEASE}",
            fieldSelector=f"type={_HELM_SECRET}",
        )
        found = [
            HelmRevision(
                number=int(item["metadata"]["labels"]["version"]),
                status=str(item["metadata"]["labels"]["status"]),
                began=datetime.fromisoformat(item["metadata"]["creationTimestamp"]),
            )
            for item in items
        ]
        return tuple(sorted(found, key=lambda one: one.number))

    def ask(self, pod: Pod, path: str) -> Mapping[str, Any]:
        """What a pod answers, through the API's proxy."""
        return self.kube.get(f"{self._core}/pods/{quote(pod.name)}:8080/proxy{path}")

    def metrics(self, pod: Pod) -> str:
        """A pod's own metrics, as Prometheus reads them."""
        return self.kube.text(f"{self._core}/pods/{quote(pod.name)}:8080/proxy/metrics")

    def log(self, pod: str, *, previous: bool = False) -> str:
        """The end of a pod's log; empty where there is none."""
        try:
            return self.kube.text(
                f"{self._core}/pods/{quote(pod)}/log",
                tailLines=_TAIL_LINES,
                previous=str(previous).lower(),
                timestamps="true",
            )
        except ContactLostError:
            # A container that never started has none, and the API says so with an error.
            return ""

    def secrets(self) -> frozenset[str]:
        """What the node's secret files hold: never to be said."""
        found = self.kube.find(f"{self._core}/secrets/{SECRETS}") or {}
        texts = (base64.b64decode(one).decode(errors="replace") for one in at(found, "data").values())
        return frozenset(word for text in texts for word in (text, *text.splitlines()))

    def events(self) -> list[Mapping[str, Any]]:
        """What happened in the namespace of late, oldest first."""
        items = self.kube.items(f"{self._core}/events")
        return sorted(items, key=lambda one: str(one.get("lastTimestamp") or one.get("eventTime") or ""))

    def smoke_test(self) -> Mapping[str, Any] | None:
        """The newest smoke test's pod; None where there is none."""
        return self.kube.find(f"{self._core}/pods/{SMOKE_TEST}")

    def job(self, name: str) -> Mapping[str, Any] | None:
        """A Job; None where there is none."""
        return self.kube.find(f"{self._jobs}/{quote(name)}")

    def jobs(self, label: str) -> tuple[str, ...]:
        """Names of the Jobs that have a label."""
        return tuple(item["metadata"]["name"] for item in self.kube.items(self._jobs, labelSelector=label))

    def create_job(self, made: Mapping[str, Any]) -> None:
        """Begin a Job."""
        self.kube.create(self._jobs, made)

    def job_log(self, name: str) -> str:
        """What the last container of a Job that ran has said, and those before it; empty where none ran."""
        return "".join(self._said(pod) for pod in self._job_pods(name))

    def delete_job(self, name: str) -> None:
        """End a Job and its pods; one that is gone is fine."""
        if found := self.job(name):
            self.kube.delete(f"{self._jobs}/{quote(name)}", uid=found["metadata"]["uid"])

    def _job_pods(self, name: str) -> tuple[str, ...]:
        items = self.kube.items(f"{self._core}/pods", labelSelector=f"job-name={name}")
        return tuple(item["metadata"]["name"] for item in items)

    def _said(self, pod: str) -> str:
        path = f"{self._core}/pods/{quote(pod)}"
        found = self.kube.find(path)
        if found is None:
            return ""
        spec = at(found, "spec")
        said: list[str] = []
        containers: list[Mapping[str, str]] = [*(spec.get("initContainers") or []), *spec["containers"]]
        for one in containers:
            try:
                said.append(self.kube.text(f"{path}/log", container=one["name"]))
            except ContactLostError:
                # One that never started has none, and the API says so with an error.
                break
        return "".join(said)

    @property
    def unfinished(self) -> bool:
        """Whether Helm began something that nobody is at work on any more, if nobody holds the stack."""
        revisions = self.helm()
        return bool(revisions) and revisions[-1].status.startswith("pending-")

    def restore(self, environment: Mapping[str, str]) -> None:
        """Have Helm apply its newest deployed revision again, or nothing where none ever was.

        It ends what a killed update began, and undoes what was changed by hand. Through `helm`, whose records
        are its own; `ContactLostError` where it doesn't come to pass.
        """
        number = to_restore(self.helm())
        verb = ["rollback", RELEASE, str(number)] if number else ["uninstall", RELEASE]
        limit = ["--wait", "--timeout", f"{_HELM_MEND_SECONDS}s"]
        self._run_helm(environment, *verb, *limit, seconds=_HELM_MEND_SECONDS + _HELM_SECONDS)

    def begin_rollback(self, number: int, environment: Mapping[str, str]) -> None:
        """Have Helm apply an older revision, without waiting for the pods."""
        self._run_helm(environment, "rollback", RELEASE, str(number), seconds=_HELM_SECONDS)

    def _run_helm(self, environment: Mapping[str, str], *words: str, seconds: float) -> None:
        command = ["helm", *words, "--namespace", self.namespace]
        with self.kube.entrance.options() as options:
            said = _said_by([*command, *options], environment, seconds)
        if said is not None:
            raise ContactLostError(
                what="Helm could not put back what it had deployed",
                where=f"namespace {self.namespace}, {self.kube.entrance}",
                remedy=f"{said}\nTry it by hand, in that cluster:  {shlex.join(command)}",
            )


def to_restore(revisions: Sequence[HelmRevision]) -> int | None:
    """The newest revision that served, oldest first given; None where none ever did. Pure.

    A rollback that failed leaves none that is called deployed, while the pods of the one before it serve.
    """
    for status in ("deployed", "superseded"):
        if numbers := [one.number for one in revisions if one.status == status]:
            return numbers[-1]
    return None


def _said_by(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | None:
    """Why a command did not succeed; None where it did."""
    try:
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, check=False, timeout=seconds
        )
    except FileNotFoundError:
        return "There is no helm on PATH. On this machine:  make tools && . .local/env"
    except subprocess.TimeoutExpired:
        return f"helm has no end after {seconds:.0f} s"
    return f"helm says: {done.stderr.strip()[-_SAID_AT_MOST:]}" if done.returncode else None
