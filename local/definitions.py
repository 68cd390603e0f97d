"""The vendors' custom resource definitions, out of their Go modules into the cache."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local import cache, progress, tools


@dataclass(frozen=True, kw_only=True)
class Definitions(tools.Module):
    """Files of a Go module that each define a kind."""

    inside: str
    """The folder of the module that holds them."""
    files: tuple[str, ...]
    about: str


SNAPSHOTS = Definitions(
    name="snapshots",
    module="github.com/kubernetes-csi/external-snapshotter/client/v8",
    inside="config/crd",
    files=tuple(
        f"snapshot.storage.k8s.io_{plural}.yaml"
        for plural in ("volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots")
    ),
    about="volume snapshots",
)
MONITORS = Definitions(
    name="monitors",
    module="github.com/prometheus-operator/prometheus-operator",
    inside="example/prometheus-operator-crd",
    files=tuple(f"monitoring.coreos.com_{plural}.yaml" for plural in ("prometheusrules", "servicemonitors")),
    about="monitors and rules",
)


def ensure(wanted: Definitions) -> Path:
    """The folder that holds them, fetched once a machine."""
    target = cache.tools() / wanted.folder
    with cache.lock(f"build-{wanted.name}"):
        if not target.exists():
            with progress.step(f"fetching the definitions of {wanted.about}", "5 s"):
                _fetch(wanted, target)
    return target


def _fetch(wanted: Definitions, target: Path) -> None:
    source = tools.BUILD / wanted.name
    tools.require_go(source)
    told = json.loads(tools.go(["mod", "download", "-json", wanted.module], source))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as work:
        fresh = Path(work) / "definitions"
        fresh.mkdir()
        for name in wanted.files:
            # Without its mode: Go keeps its modules read-only.
            shutil.copyfile(Path(told["Dir"]) / wanted.inside / name, fresh / name)
        fresh.rename(target)
