"""The `helm` command: run for one context, interruptible, and its errors in readable form."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Generator, Sequence
from typing import Any, cast

import yaml

from local.plugins import tether
from local.plugins.objects.session import Session
from local.plugins.resources import Refused

# Seconds between two looks at whether the user has interrupted.
_POLL = 0.2

# The provider's `helmReleaseSettings` to the environment that helm reads them from.
_SETTINGS = {
    "driver": "HELM_DRIVER",
    "pluginsPath": "HELM_PLUGINS",
    "registryConfigPath": "HELM_REGISTRY_CONFIG",
    "repositoryCache": "HELM_REPOSITORY_CACHE",
    "repositoryConfigPath": "HELM_REPOSITORY_CONFIG",
}


class HelmFailed(Exception):  # noqa: N818
    """Helm said no; the message is what it said."""

    @property
    def not_found(self) -> bool:
        """Whether it is the release that is missing."""
        return "release: not found" in str(self)


class Helm:
    """The `helm` command on PATH, in one namespace of one cluster."""

    def __init__(self, session: Session, namespace: str) -> None:
        found = shutil.which("helm")
        if not found:
            raise Refused("`helm` is not on PATH. `. .local/env` puts the tools of this clone there.")
        self.executable = found
        self.session = session
        self.namespace = namespace

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that only reads; return what it prints as JSON."""
        return cast("dict[str, Any]", json.loads(self.read(*arguments, "--output", "json") or "{}"))

    def read(self, *arguments: str) -> str:
        """Run a command that only reads, to its end: after an interrupt it says what has become of things."""
        return self._ended(arguments, None, interruptible=False)

    def run(self, *arguments: str, values: dict[str, Any] | None = None) -> str:
        """Run a command; return what it prints, raise `HelmFailed` with what it says.

        Values go through standard input: they may hold secrets, which nobody may see among the processes and
        no file may keep. An interrupt sends SIGTERM once, and helm ends in its own time: `--atomic` restores.
        """
        return self._ended(arguments, values, interruptible=True)

    def _ended(self, arguments: Sequence[str], values: dict[str, Any] | None, *, interruptible: bool) -> str:
        with self._cluster() as (flags, descriptors):
            argv = [self.executable, *arguments, "--namespace", self.namespace, *flags]
            if values is not None:
                argv += ["--values", "-"]
            child = subprocess.Popen(
                tether.tied(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment(),
                pass_fds=descriptors,
                text=True,
            )
            given = json.dumps(values) if values is not None else ""
            out, err = self._wait(child, given, interruptible=interruptible)
        if child.returncode != 0:
            raise HelmFailed(said(err) or f"exit code {child.returncode}")
        return out

    def _wait(self, child: subprocess.Popen[str], given: str, *, interruptible: bool) -> tuple[str, str]:
        told, pending = not interruptible, given or None
        while True:
            try:
                return child.communicate(pending, timeout=_POLL)
            except subprocess.TimeoutExpired:
                # `communicate` remembers what it has yet to send.
                pending = None
                if self.session.cancelled.is_set() and not told:
                    told = True
                    child.send_signal(signal.SIGTERM)

    @contextlib.contextmanager
    def _cluster(self) -> Generator[tuple[list[str], tuple[int, ...]]]:
        """Hand over the kubeconfig: its path, or its text in memory that only the child can read."""
        config = self.session.kubeconfig
        flags = ["--kube-context", config.context]
        if config.path and os.pathsep in config.path:
            # Several files: helm merges them only from the environment.
            yield flags, ()
        elif config.path:
            yield ["--kubeconfig", config.path, *flags], ()
        else:
            descriptor = os.memfd_create("kubeconfig", 0)
            try:
                os.write(descriptor, yaml.safe_dump(config.content).encode())
                yield ["--kubeconfig", f"/proc/self/fd/{descriptor}", *flags], (descriptor,)
            finally:
                os.close(descriptor)

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        if self.session.kubeconfig.path:
            environment["KUBECONFIG"] = self.session.kubeconfig.path
        settings = self.session.settings.helm
        return environment | {_SETTINGS[key]: str(settings[key]) for key in _SETTINGS if settings.get(key)}


def said(err: str) -> str:
    """Return what helm complains of in its standard error, on one line."""
    _, found, rest = err.partition("Error: ")
    lines = (rest if found else err).splitlines()
    # `1 error occurred:` and its bullets are the layout of a list that mostly has one entry.
    kept = [line.strip().removeprefix("* ") for line in lines if line.strip()]
    return " ".join(line for line in kept if not line.startswith(('Use "helm', "See '"))).replace(
        "1 error occurred: ", ""
    )
