"""A benchmark program of the node: what it can measure, in instructions and in time.

It answers `--list`, `--count NAME` (one run, in a function called `alys_counted`) and `--time NAME`
(nanoseconds).
"""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.report import Refusal

COUNTED = "*alys_counted*"
_TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    """A benchmark program that is built."""

    path: Path

    def names(self) -> list[str]:
        """Its cases."""
        return self._said("--list").split()

    def instructions(self, name: str) -> int:
        """What callgrind counts for one run of a case; the same on every machine of a kind."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "callgrind.out"
            argv = [
                "valgrind",
                "--tool=callgrind",
                f"--toggle-collect={COUNTED}",
                f"--callgrind-out-file={out}",
            ]
            _run([*argv, str(self.path), "--count", name])
            found = _TOTAL.search(out.read_text())
        if found is None or int(found[1]) == 0:
            raise Refusal(
                f"callgrind counted nothing for {name}: the benchmark has to run it in `alys_counted`, "
                "and [profile.bench] has to keep names (strip = false)"
            )
        return int(found[1])

    def nanoseconds(self, name: str) -> float:
        """What one run of a case takes, by its own clock."""
        said = self._said("--time", name)
        try:
            return float(said)
        except ValueError:
            raise Refusal(f"`--time {name}` said {said[:60]!r}, and no number of nanoseconds") from None

    def _said(self, *words: str) -> str:
        return _run([str(self.path), *words]).strip()


def build(folder: Path, target: str, profile: str) -> Program | None:
    """Build a bench target of the workspace in `folder`; None where it has no such target."""
    if target not in _targets(folder):
        return None
    argv = ["cargo", "bench", "--no-run", "--locked", "--profile", profile, "--bench", target]
    messages = _run([*argv, "--message-format", "json-render-diagnostics"], folder)
    for line in reversed(messages.splitlines()):
        message: dict[str, Any] = json.loads(line)
        if message.get("executable") and message.get("target", {}).get("name") == target:
            return Program(Path(message["executable"]))
    raise Refusal(f"cargo built no benchmark {target} in {folder}")


def _targets(folder: Path) -> set[str]:
    metadata = json.loads(
        _run(["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"], folder)
    )
    targets = [target for package in metadata["packages"] for target in package["targets"]]
    return {target["name"] for target in targets if "bench" in target["kind"]}


def _run(argv: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refusal(f"{argv[0]} is missing: apt-get install {argv[0]}") from None
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise Refusal(f"`{' '.join(argv[:3])}` failed in {folder or '.'}:\n{last}")
    return done.stdout
