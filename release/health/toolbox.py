"""The commands that the driver calls, and whether their versions fit."""

import json
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import version as installed

from release.health.checkup import Check, ok, wrong

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_ANSWERS_WITHIN_SECONDS = 20
_HELM = 3
"""The major that the provider's own Helm is of."""
HERE = "On this machine:  make tools && . .local/env"


def said(command: list[str], environment: Mapping[str, str]) -> str | None:
    """What a command prints; None where there is none, or where it fails."""
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=_ANSWERS_WITHIN_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def pulumi(environment: Mapping[str, str]) -> Check:
    """The CLI on PATH, against the SDK that the program is locked to."""
    quiet = {**environment, "PULUMI_SKIP_UPDATE_CHECK": "1"}
    return judged_pulumi(said(["pulumi", "version"], quiet), sdk=installed("pulumi"))


def helm(environment: Mapping[str, str]) -> Check:
    """The Helm on PATH, which ends what a killed update began."""
    return judged_helm(said(["helm", "version", "--template", "{{.Version}}"], environment))


def kubectl(environment: Mapping[str, str], *, server: str | None) -> Check:
    """The kubectl on PATH, against the cluster's version where that is known."""
    return judged_kubectl(
        said(["kubectl", "version", "--client", "--output", "json"], environment), server=server
    )


def judged_pulumi(told: str | None, *, sdk: str) -> Check:
    """Of the SDK's major, and no older than it. Pure."""
    elsewhere = f"{HERE}\nElsewhere:  curl -fsSL https://get.pulumi.com | sh -s -- --version {sdk}"
    if told is None or (found := _minor(told)) is None:
        return wrong("pulumi", "there is none on PATH that answers", elsewhere)
    least = _minor(sdk)
    if least is None or (found[0] == least[0] and found >= least):
        return ok("pulumi", f"{told}, for the SDK {sdk}")
    return wrong("pulumi", f"{told}, and the SDK is {sdk}", elsewhere)


def judged_helm(told: str | None) -> Check:
    """Of the major whose records the driver reads. Pure."""
    elsewhere = f"{HERE}\nElsewhere:  https://helm.sh/docs/intro/install"
    if told is None or (found := _minor(told)) is None:
        return wrong("helm", "there is none on PATH that answers", elsewhere)
    if found[0] == _HELM:
        return ok("helm", told)
    return wrong("helm", f"{told}, and releases are made with Helm {_HELM}", elsewhere)


def judged_kubectl(told: str | None, *, server: str | None) -> Check:
    """Within one minor of the cluster, as Kubernetes supports it. Pure."""
    elsewhere = f"{HERE}\nElsewhere:  https://kubernetes.io/docs/tasks/tools"
    try:
        client = str(json.loads(told or "")["clientVersion"]["gitVersion"])
    except (ValueError, KeyError, TypeError):
        client = ""
    if (found := _minor(client)) is None:
        return wrong("kubectl", "there is none on PATH that answers", elsewhere)
    runs = _minor(server or "")
    if runs is None:
        return ok("kubectl", client)
    if found[0] == runs[0] and abs(found[1] - runs[1]) <= 1:
        return ok("kubectl", f"{client}, for a cluster of {server}")
    return wrong("kubectl", f"{client} is more than one minor away from the cluster's {server}", elsewhere)


def _minor(text: str) -> tuple[int, int] | None:
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2])) if found else None
