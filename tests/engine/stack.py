"""A stack, driven with plain `pulumi` commands."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PIN_KEYS = ("version", "digest", "rollout", "flags")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of this project with its configuration file."""

    name: str
    config_file: Path
    log: Path
    """What the commands print, for the case that something is not as expected."""

    def pin(self, keys: Mapping[str, Any]) -> None:
        """Change keys of the pin, as `pulumi config set-all` does."""
        self._set({f"alys:{key}": _configured(value) for key, value in keys.items()})

    def pin_as(self, config: Mapping[str, Any]) -> None:
        """Pin what a history entry ran with."""
        self._set({key: config[key] for key in (f"alys:{key}" for key in PIN_KEYS) if key in config})

    def up(self) -> bool:
        """Update the stack to its pin; whether that succeeded."""
        return self._run("up", "--yes", "--skip-preview", "--non-interactive", "--color", "never") == 0

    def last_good(self, version: str) -> Mapping[str, Any]:
        """The configuration of the newest update that put a version on all pods."""
        entries = json.loads(self._read("stack", "history", "--json", "--page-size", "100000"))
        for entry in entries:
            config = entry["config"]
            pinned = config.get("alys:version", {}).get("value"), config.get("alys:rollout", {}).get("value")
            if entry["kind"] == "update" and entry["result"] == "succeeded" and pinned == (version, "100"):
                return config
        raise LookupError(f"no update in the history of stack {self.name} put {version} on all pods")

    def _set(self, values: Mapping[str, Any]) -> None:
        self._read("config", "set-all", "--json", json.dumps(values), "--config-file", str(self.config_file))

    def _run(self, verb: str, *options: str) -> int:
        command = ["pulumi", verb, "--stack", self.name, "--config-file", str(self.config_file), *options]
        with self.log.open("ab") as log:
            log.write(f"\n$ {' '.join(command)}\n".encode())
            log.flush()
            return subprocess.run(command, stdout=log, stderr=log, check=False).returncode

    def _read(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--stack", self.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise RuntimeError(f"{' '.join(command[:3])} failed: {said}")
        return done.stdout


def _configured(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"value": json.dumps(value), "objectValue": value, "secret": False}
    return {"value": str(value), "secret": False}
