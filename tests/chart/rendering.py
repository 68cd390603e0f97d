"""The chart, rendered by the real Helm."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KUBERNETES = "1.36.1"
NAMESPACE = "alys-1234abcd"
RELEASE = "alys-node"

Manifest = dict[str, Any]


class RefusedError(Exception):
    """Helm's message about values it would not render."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart's folder, and the Helm that renders it."""

    helm: Path
    folder: Path

    def render(
        self, values: Mapping[str, Any], *, api_versions: Sequence[str] = (), options: Sequence[str] = ()
    ) -> list[Manifest]:
        """Every manifest, hooks included; `RefusedError` with Helm's message where there are none."""
        argv = [str(self.helm), "template", RELEASE, str(self.folder), "--namespace", NAMESPACE]
        argv += ["--kube-version", KUBERNETES, "--values", "-", *options]
        argv += [word for version in api_versions for word in ("--api-versions", version)]
        done = subprocess.run(argv, input=json.dumps(values), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RefusedError(done.stderr)
        return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def only(manifests: Sequence[Manifest], kind: str, name: str = RELEASE) -> Manifest:
    """The one manifest of a kind and name."""
    (found,) = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def pod_templates(manifests: Sequence[Manifest]) -> dict[str, Manifest]:
    """Whatever becomes pods, by the name of what makes them."""
    return {
        f"{m['kind']}/{m['metadata']['name']}": m["spec"].get("template", m)
        for m in manifests
        if m["kind"] == "Pod" or "template" in m.get("spec", {})
    }


def argument(words: Sequence[str], option: str) -> list[str]:
    """Each value given to an option on a command line."""
    return [words[i + 1] for i, word in enumerate(words) if word == option]
