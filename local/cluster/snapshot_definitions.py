"""The vendor's custom resource definitions of volume snapshots, out of its Go module into the cache."""

import json
import shutil
import tempfile
from pathlib import Path

from local import cache, progress, tools

MODULE = tools.Module(name="snapshots", module="github.com/kubernetes-csi/external-snapshotter/client/v8")
FILES = tuple(
    f"snapshot.storage.k8s.io_{plural}.yaml"
    for plural in ("volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots")
)


def ensure() -> Path:
    """The folder that holds them, fetched once a machine."""
    target = cache.tools() / MODULE.folder
    with cache.lock("build-snapshots"):
        if not target.exists():
            with progress.step("fetching the definitions of volume snapshots", "5 s"):
                _fetch(target)
    return target


def _fetch(target: Path) -> None:
    source = tools.BUILD / MODULE.name
    tools.require_go(source)
    told = json.loads(tools.go(["mod", "download", "-json", MODULE.module], source))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as work:
        fresh = Path(work) / "definitions"
        fresh.mkdir()
        for name in FILES:
            # Without its mode: Go keeps its modules read-only.
            shutil.copyfile(Path(told["Dir"]) / "config" / "crd" / name, fresh / name)
        fresh.rename(target)
