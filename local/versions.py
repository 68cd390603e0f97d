"""Which of the programs that people have installed can be used as they are."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def fits(name: str, path: Path, cluster: str) -> bool:
    """Whether that program will do; `cluster` is the version of Kubernetes that is built here."""
    if name == "kubectl":
        return kubectl_fits(path, cluster)
    return pulumi_fits(path) if name == "pulumi" else helm_fits(path)


def _says(argv: Sequence[str | Path]) -> str:
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def version_in(text: str) -> tuple[int, int] | None:
    """Major and minor of the first version in a program's answer."""
    found = re.search(r"v(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def pulumi_fits(path: Path) -> bool:
    """The SDK's minor or a newer one, with the language host that the installer puts beside it."""
    version = version_in(_says([path, "version"]))
    host = shutil.which("pulumi-language-python")
    return version is not None and version[0] == 3 and version[1] >= 250 and host is not None  # noqa: PLR2004


def helm_fits(path: Path) -> bool:
    """Helm 3 from 3.18; Helm 4 has other flags and another wait."""
    version = version_in(_says([path, "version", "--short"]))
    return version is not None and version[0] == 3 and version[1] >= 18  # noqa: PLR2004


def kubectl_fits(path: Path, cluster: str) -> bool:
    """Within one minor of the cluster's: https://kubernetes.io/releases/version-skew-policy/#kubectl."""
    try:
        said = json.loads(_says([path, "version", "--client", "-o", "json"]))
        version = version_in(said["clientVersion"]["gitVersion"])
    except (ValueError, KeyError, TypeError):
        return False
    ours = version_in(cluster)
    return (
        version is not None and ours is not None and version[0] == ours[0] and abs(version[1] - ours[1]) <= 1
    )
