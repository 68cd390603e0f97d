"""A small program with a state of its own, run by the real engine with the stand-ins on PATH."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import tools
from local.stand_ins import MODULES

STACK = "dev"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A folder with a program, and the environment that the engine runs it in."""

    folder: Path
    environment: dict[str, str]

    def write(self, program: str) -> None:
        (self.folder / "__main__.py").write_text("import pulumi\n" + program)

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--stack", STACK, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def configure(self, **config: str) -> None:
        """Set plain values; a JSON object stays text."""
        pairs = [part for key, value in config.items() for part in ("--plaintext", f"{key}={value}")]
        self.succeed("config", "set-all", *pairs)

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview")

    def succeed(self, *arguments: str) -> str:
        done = self.pulumi(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shows(self, *arguments: str) -> str:
        """Run a command that succeeds; return all that the user sees, messages included."""
        done = self.pulumi(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self) -> subprocess.Popen[str]:
        """Begin an update in a process group of its own, to be interrupted."""
        return subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--stack", STACK, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def outputs(self) -> dict[str, object]:
        return json.loads(self.succeed("stack", "output", "--json"))

    def resources(self) -> dict[str, dict[str, object]]:
        """What the state holds, by logical name; the stack and the providers left out."""
        deployment = json.loads(self.succeed("stack", "export"))["deployment"]
        found = deployment.get("resources", [])
        return {r["urn"].rsplit("::")[-1]: r for r in found if not r["type"].startswith("pulumi:")}


def workspace(folder: Path) -> Workspace:
    """Make a project, its state and the shims; the stack is `dev`, without a program yet."""
    shims, project = folder / "bin", folder / "project"
    for made in (shims, project, folder / "state"):
        made.mkdir()
    for command, module in MODULES.items():
        shim = shims / command
        shim.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-m", *module])} "$@"\n')
        shim.chmod(0o755)
    (project / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    folders = [shims, tools.ensure("pulumi").parent, tools.ensure("helm").parent]
    environment = os.environ | {
        "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    made = Workspace(folder=project, environment=environment)
    subprocess.run(
        ["pulumi", "stack", "init", STACK, "--non-interactive"],
        cwd=project,
        env=environment,
        capture_output=True,
        check=True,
    )
    return made
