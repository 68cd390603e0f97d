"""How long a way back takes, against `helm rollback --wait` and a bare `pulumi up` of the same change.

    make cluster && . .local/env
    python -m benchmarks.rollback --ready 10 --runs 3

Each round goes from one version to another on four pods and back, the three ways in turn, so that a machine
that gets slower slows all of them. Whole commands are timed, from their start to their end.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import yaml

from local import environment, node_image
from local.demo import clone as clones
from local.demo.clone import Clone

RELEASE = "alys-node"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A stack of its own, in a namespace of its own."""

    clone: Clone
    namespace: str
    old: str
    new: str
    digests: dict[str, str]

    def pin(self, version: str) -> None:
        """Write a pin into the stack file."""
        file = self.clone.folder / clones.STACK_FILE
        content = yaml.safe_load(file.read_text())
        content["config"] |= {"alys:version": version, "alys:digest": self.digests[version]}
        file.write_text(yaml.safe_dump(content, sort_keys=False))

    def up(self) -> float:
        """A bare update to the pin, in seconds."""
        return self._timed("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "-s", "local")

    def helm(self, revision: int) -> float:
        """`helm rollback --wait` to a revision, in seconds."""
        return self._timed(
            "helm", "rollback", RELEASE, str(revision), "--wait", "--timeout", "300s", *self._where()
        )

    def release(self, *words: str) -> float:
        """A command of `release`, in seconds."""
        return self._timed(sys.executable, "-m", "release", *words, "--yes")

    def revision(self) -> int:
        """The newest revision of the Helm release."""
        command = ["helm", "history", RELEASE, "--output", "json", *self._where()]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return int(json.loads(said)[-1]["revision"])

    def _where(self) -> list[str]:
        return ["--kube-context", environment.CONTEXT, "--namespace", self.namespace]

    def _timed(self, *command: str) -> float:
        began = time.monotonic()
        done = subprocess.run(command, cwd=self.clone.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return time.monotonic() - began


def main() -> None:
    """Measure, and print the medians and the ratios to Helm's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ready", type=int, default=10, help="seconds that a pod takes to get ready")
    parser.add_argument("--runs", type=int, default=3, help="rounds")
    words = parser.parse_args()
    bench = _open(words.ready)
    try:
        times = _rounds(bench, words.runs)
    finally:
        subprocess.run(
            ["kubectl", "--context", environment.CONTEXT, "delete", "namespace", bench.namespace],
            check=False,
            capture_output=True,
        )
        shutil.rmtree(bench.clone.folder)
    floor = statistics.median(times["helm rollback --wait"])
    for way, seconds in times.items():
        said = ", ".join(f"{one:.1f}" for one in seconds)
        median = statistics.median(seconds)
        print(f"{way:32} median {median:6.1f} s  {median / floor:5.2f} x helm  ({said})")


def _rounds(bench: Bench, runs: int) -> dict[str, list[float]]:
    ways = {
        "helm rollback --wait": lambda: bench.helm(old),
        "pulumi up": lambda: _pinned(bench, bench.old),
        "release rollback": lambda: bench.release("rollback", "local", "--to", bench.old),
        "release rollback --emergency": lambda: bench.release(
            "rollback", "local", "--to", bench.old, "--emergency"
        ),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    _pinned(bench, bench.old)
    for _ in range(runs):
        for way, back in ways.items():
            old = bench.revision()
            _pinned(bench, bench.new)
            times[way].append(back())
            print(f"{way}: {times[way][-1]:.1f} s", file=sys.stderr)
            # Helm's own way back is unknown to the stack: this one makes both agree again.
            _pinned(bench, bench.old)
    return times


def _pinned(bench: Bench, version: str) -> float:
    bench.pin(version)
    return bench.up()


def _open(ready: int) -> Bench:
    namespace = f"bench-{uuid.uuid4().hex[:8]}"
    folder = Path.cwd() / ".local" / namespace
    clone = clones.copy(Path.cwd(), folder, {})
    file = folder / clones.STACK_FILE
    content = yaml.safe_load(file.read_text())
    content["config"]["alys:release"] |= {"namespace": namespace}
    content["config"]["alys:release"]["timing"] |= {"update": 300}
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    # A state of its own: the clone's stack `local` is in another namespace.
    os.environ["PULUMI_BACKEND_URL"] = f"file://{folder}"
    subprocess.run(["pulumi", "stack", "init", "local"], cwd=folder, check=True, capture_output=True)
    versions = [f"v{number}.0.0-ready-{ready}" for number in (1, 2)]
    digests = {version: node_image.push(version, f"slow-start:{ready}") for version in versions}
    return Bench(clone=clone, namespace=namespace, old=versions[0], new=versions[1], digests=digests)


if __name__ == "__main__":
    main()
