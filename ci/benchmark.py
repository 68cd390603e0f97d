"""A benchmark program of the node: what it can measure, in instructions and in time.

It answers `--list`, `--count NAME` (one run, in a function called `alys_counted`) and `--time NAME`
(nanoseconds).
"""

import json
import os
import re
import shutil
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


def build(folder: Path, target: str, profile: str, into: Path) -> Program | None:
    """Build a bench target of the workspace in `folder`; None where it has no such target.

    The program is copied to the folder `into`: two checkouts of one workspace that are built in one place are
    the same to cargo, which takes the program of one for that of the other.
    """
    metadata = _metadata(folder)
    if target not in {name for name, kinds in _targets(metadata) if "bench" in kinds}:
        return None
    _touch(folder)
    argv = ["cargo", "bench", "--no-run", "--locked", "--profile", profile, "--bench", target]
    argv += ["--target-dir", str(_metadata(Path())["target_directory"])]
    messages = _run([*argv, "--message-format", "json-render-diagnostics"], folder)
    for line in reversed(messages.splitlines()):
        message: dict[str, Any] = json.loads(line)
        if message.get("executable") and message.get("target", {}).get("name") == target:
            into.mkdir(parents=True, exist_ok=True)
            return Program(Path(shutil.copy2(message["executable"], into / target)))
    raise Refusal(f"cargo built no benchmark {target} in {folder}")


def _metadata(folder: Path) -> dict[str, Any]:
    argv = ["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"]
    return json.loads(_run(argv, folder))


def _targets(metadata: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (target["name"], target["kind"]) for package in metadata["packages"] for target in package["targets"]
    ]


def _touch(folder: Path) -> None:
    # Dependencies are built once for both; what is the workspace's own, each time.
    for name in _run(["git", "ls-files", "-z"], folder).split("\0"):
        if name and (folder / name).exists():
            os.utime(folder / name)


def _run(argv: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refusal(f"{argv[0]} is missing: apt-get install {argv[0]}") from None
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise Refusal(f"`{' '.join(argv[:3])}` failed in {folder or '.'}:\n{last}")
    return done.stdout
