"""What failed pods said, saved before they are gone."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.errors import ContactLostError
from release.outside.cluster import SMOKE_TEST, Cluster
from release.outside.pods import Pod
from release.telling.redaction import Redactor


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Files in a run's folder; whatever can't be had is left out, for nothing may wait for it."""

    folder: Path
    redactor: Redactor

    def save(self, cluster: Cluster, failed: Iterable[Pod]) -> None:
        """Logs of the pods, of their containers before the last restart, and what Kubernetes noted."""
        self._learn_secrets(cluster)
        for pod in failed:
            try:
                self._write(f"{pod.name}.log", cluster.log(pod.name))
                self._write(f"{pod.name}.previous.log", cluster.log(pod.name, previous=True))
            except ContactLostError:
                continue
        self.save_events(cluster)

    def save_events(self, cluster: Cluster) -> None:
        """What Kubernetes noted in the namespace of late."""
        try:
            self._write("events.txt", "".join(map(_line, cluster.events())))
        except ContactLostError:
            return

    def save_smoke_test(self, cluster: Cluster) -> str:
        """What the last smoke test printed; its first failure, without the time."""
        self._learn_secrets(cluster)
        try:
            said = cluster.log(SMOKE_TEST)
        except ContactLostError:
            return ""
        self._write("smoke-test.log", said)
        failures = (line.partition("FAILED")[2] for line in said.splitlines() if "FAILED" in line)
        return " ".join(next(failures, "").split())

    def _learn_secrets(self, cluster: Cluster) -> None:
        # A node may print its key before it fails.
        with suppress(ContactLostError):
            self.redactor.learn(cluster.secrets())

    @property
    def files(self) -> tuple[Path, ...]:
        """What there is, by name."""
        return tuple(sorted(self.folder.glob("*")))

    def _write(self, name: str, text: str) -> None:
        # A full disk must not keep a failing update from being ended.
        with suppress(OSError):
            if text:
                self.folder.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_text(self.redactor.text(text))


def _line(event: Mapping[str, Any]) -> str:
    about: Mapping[str, Any] = event.get("involvedObject") or {}
    when = event.get("lastTimestamp") or event.get("eventTime") or ""
    return (
        f"{when} {event.get('type', '')} {about.get('kind', '')}/{about.get('name', '')} "
        f"{event.get('reason', '')}: {str(event.get('message', '')).strip()}\n"
    )
