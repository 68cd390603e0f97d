"""A copy of the clone in which the demo's stack file may change, and `release` in it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from local import environment

STACK_FILE = "Pulumi.local.yaml"
_OWN = {".local", ".git", ".release", STACK_FILE}
"""What the copy has of its own, or does without."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One command of `release` that has ended."""

    code: int
    result: Mapping[str, Any]
    """What `--json` printed; empty where it was refused before it began."""


@dataclass(frozen=True, kw_only=True)
class Clone:
    """The folder, and the receivers that its runs tell."""

    folder: Path
    variables: Mapping[str, str]

    def pin(self, keys: Mapping[str, Any]) -> None:
        """Write keys of the pin into the stack file, as people do in a pull request."""
        with _config(self.folder) as config:
            config.update({f"alys:{key}": value for key, value in keys.items()})

    def run(self, words: Sequence[str]) -> Run:
        """Run a command to its end; progress is shown as it comes."""
        return self.ended(self.start(words))

    def start(self, words: Sequence[str]) -> "subprocess.Popen[str]":
        """Begin a command."""
        command = [sys.executable, "-m", "release", *words, "--yes", "--json"]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def ended(run: "subprocess.Popen[str]") -> Run:
        """Wait for a command's end, also through a Ctrl-C, which it got as well and acts on."""
        interrupted = False
        while True:
            try:
                said, _ = run.communicate()
            except KeyboardInterrupt:
                interrupted = True
                continue
            if interrupted:
                raise KeyboardInterrupt
            return Run(code=run.returncode, result=json.loads(said) if said.strip() else {})


def begin(clone: Path, folder: Path, namespace: str, pods: int, variables: Mapping[str, str]) -> Clone:
    """A copy whose stack was never updated, in a namespace that is new: an earlier demo has no say."""
    _run("kubectl", "--context", environment.CONTEXT, "delete", "namespace", namespace, "--ignore-not-found")
    shutil.rmtree(folder, ignore_errors=True)
    state = folder / "state"
    made = copy(clone, folder, {**variables, "PULUMI_BACKEND_URL": f"file://{state}"})
    state.mkdir()
    with _config(folder) as config:
        config["alys:release"].update(namespace=namespace, replicas=pods)
    _run("pulumi", "stack", "init", "local", cwd=folder, env={**os.environ, **made.variables})
    return made


@contextmanager
def _config(folder: Path) -> Generator[Any]:
    """The stack file's configuration, to be changed."""
    yaml = YAML()
    content: Any = yaml.load(folder / STACK_FILE)
    yield content["config"]
    yaml.dump(content, folder / STACK_FILE)


def _run(*command: str, **options: Any) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.strip()}")


def copy(clone: Path, folder: Path, variables: Mapping[str, str]) -> Clone:
    """Make the copy, or bring it up to date: the stack file anew, all else as links."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in clone.iterdir():
        link = folder / source.name
        if source.name not in _OWN and not link.is_symlink():
            link.symlink_to(source)
    shutil.copy(clone / STACK_FILE, folder / STACK_FILE)
    return Clone(folder=folder, variables=variables)
