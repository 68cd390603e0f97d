"""What the embedded cluster is made of, all of it in the cache."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from local import cache, debian, definitions, progress, tools


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Folders of the programs of Debian, Kubernetes and CoreDNS, and of snapshots' definitions; `pause`."""

    debian: Path
    kubernetes: Path
    coredns: Path
    snapshots: Path
    pause: Path

    @property
    def tools(self) -> tuple[str, str, str]:
        """Names under `tools/`, as `all_components` wants them."""
        return self.kubernetes.name, self.coredns.name, self.snapshots.name


def find() -> Parts:
    """Takes them from the cache, or fetches and builds what is missing."""
    kubernetes = tools.built(list(tools.KUBERNETES.packages))
    coredns = tools.built(["coredns"])
    return Parts(
        debian=debian.ensure(),
        kubernetes=kubernetes["kubelet"].parent,
        coredns=coredns["coredns"].parent,
        snapshots=definitions.ensure(definitions.SNAPSHOTS),
        pause=_pause(),
    )


def _pause() -> Path:
    """The smallest program of every pod, which holds its namespaces."""
    target = cache.tools() / "pause-1" / "pause"
    source = tools.BUILD / "pause"
    with cache.lock("build-pause"):
        if not target.exists():
            tools.require_go(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            with (
                tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as work,
                progress.step("building the pods' pause program", "20 s"),
            ):
                fresh = Path(work) / "pause"
                tools.go(["build", "-trimpath", "-o", str(fresh), "-ldflags", "-s -w", "."], source)
                fresh.replace(target)
    return target
