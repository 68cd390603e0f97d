"""Which of Pulumi's plugins are ours on this machine: those whose official ones can't be had."""

import json
from importlib import metadata
from pathlib import Path

from local import cache, progress, tools
from local.commands import answer, run
from local.errors import LocalError

LANGUAGE_HOST = "pulumi-language-python"
# Name on PATH to the module that answers, and its arguments.
MODULES = {
    LANGUAGE_HOST: ("local.plugins.language_python",),
    "pulumi-resource-kubernetes": ("local.plugins.kubernetes",),
    "pulumi-resource-aws": ("local.plugins.recorder", "aws"),
    "pulumi-resource-github": ("local.plugins.recorder", "github"),
}
# Seconds that one attempt to fetch the official plugin may take, once a machine.
PATIENCE_SECONDS = 20


def needed(pulumi: Path) -> list[str]:
    """Names of `MODULES` that stand in; asks the network at most once a machine and version."""
    # A user's CLI was only taken because its language host is beside it; a built one has none.
    names = [] if tools.on_path("pulumi") == pulumi else [LANGUAGE_HOST]
    version = metadata.version("pulumi-kubernetes")
    if _installed(pulumi, version) or _installable(pulumi, version):
        # The engine fetches the others by itself, when a stack needs them.
        return names
    return [*names, *(name for name in MODULES if name.startswith("pulumi-resource-"))]


def refusals() -> Path:
    """The file that remembers what could not be fetched; removing it means another attempt."""
    return cache.root() / "plugins-refused.json"


def _installed(pulumi: Path, version: str) -> bool:
    plugins = answer([str(pulumi), "plugin", "ls", "--json"], seconds=PATIENCE_SECONDS)
    return any(plugin["name"] == "kubernetes" and plugin["version"] == version for plugin in plugins)


def _installable(pulumi: Path, version: str) -> bool:
    file = refusals()
    refused: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if f"kubernetes-{version}" in refused:
        return False
    argv = [str(pulumi), "plugin", "install", "resource", "kubernetes", version]
    try:
        with progress.step(f"fetching Pulumi's Kubernetes plugin {version}", f"at most {PATIENCE_SECONDS} s"):
            run(argv, seconds=PATIENCE_SECONDS)
    except LocalError as error:
        reason = str(error).strip().splitlines()[-1]
        file.write_text(json.dumps(refused | {f"kubernetes-{version}": reason}, indent=2))
        return False
    return True
