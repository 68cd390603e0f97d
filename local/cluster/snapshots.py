"""A stand-in for a CSI driver and its external-snapshotter: snapshots are copies of volumes' folders.

File by file, so a volume that is written to meanwhile is copied as a crash would leave it at best.
"""

import contextlib
import re
import shutil
import sys
import threading
import time
from functools import partial
from http.client import HTTPException
from pathlib import Path

from local.cluster import addresses, config, copies, volumes
from local.cluster import snapshot_objects as objects
from local.cluster.api import JSON, Api, ApiError, accepted

FOLDER = Path(addresses.INSIDE) / "cluster" / "snapshots"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_GROUP = f"/apis/{objects.GROUP}/v1"
CLASSES = f"{_GROUP}/volumesnapshotclasses"
CONTENTS = f"{_GROUP}/volumesnapshotcontents"
SNAPSHOTS = f"{_GROUP}/volumesnapshots"
WATCHED = (volumes.CLAIMS, volumes.VOLUMES, SNAPSHOTS, CONTENTS)
# What failed without a change in the cluster, such as a full disk, is tried again after so long.
LONGEST_SECONDS = 10
WATCH_SECONDS = 300
FAILURES = (OSError, ApiError, HTTPException, ValueError)


def install(api: Api, definitions: Path) -> None:
    """The vendor's definitions and our classes, unless they are there."""
    for file in sorted(definitions.glob("*.yaml")):
        with accepted(409):
            api.post_yaml(DEFINITIONS, file.read_text(encoding="utf-8"))
    with accepted(409):
        api.post(volumes.CLASSES, volumes.storage_class(objects.PROVISION))
    with accepted(409):
        api.post(CLASSES, objects.snapshot_class())


def settle(api: Api) -> None:
    """One pass over all contents, snapshots, claims and volumes."""
    # Before the snapshots: a content that is seen here had its snapshot then.
    contents = api.get(CONTENTS)["items"]
    snapshots = api.get(SNAPSHOTS)["items"]
    claims = api.get(volumes.CLAIMS)["items"]
    policies = {
        one["metadata"]["name"]: one["deletionPolicy"]
        for one in api.get(CLASSES)["items"]
        if one["driver"] == objects.DRIVER
    }
    for content in contents:
        if objects.is_done_with(content, snapshots):
            _remove(api, content)
    for snapshot in snapshots:
        if objects.wants_copy(snapshot, policies):
            _take(api, snapshot, claims, policies)
    volumes.settle(api, objects.PROVISION, partial(_fill, snapshots, contents))


def _take(api: Api, snapshot: JSON, claims: list[JSON], policies: dict[str, str]) -> None:
    """A snapshot's copy, its content, and word of both; each step may have been taken before."""
    folder = FOLDER / f"snapshot-{snapshot['metadata']['uid']}"
    try:
        claim = objects.claim_of(snapshot, claims)
        if not folder.exists():
            copies.copy(volumes.FOLDER / claim["spec"]["volumeName"], folder)
    except (objects.SourceError, OSError) as error:
        _tell_failure(api, snapshot, str(error))
        return
    content = objects.content_for(snapshot, claim, policies[snapshot["spec"]["volumeSnapshotClassName"]])
    name, size = content["metadata"]["name"], objects.size_of(claim)
    status = objects.content_status(folder, size)
    with accepted(409):
        api.post(CONTENTS, content)
    api.patch(f"{CONTENTS}/{name}/status", {"status": status})
    _tell(api, snapshot, objects.snapshot_status(name, status["creationTime"], size))


def _tell_failure(api: Api, snapshot: JSON, message: str) -> None:
    """Once: each change of a status is a reason to look again."""
    if snapshot.get("status", {}).get("error", {}).get("message") != message:
        _tell(api, snapshot, objects.failed_status(message, time.time_ns()))


def _tell(api: Api, snapshot: JSON, status: JSON) -> None:
    meta = snapshot["metadata"]
    path = f"{_GROUP}/namespaces/{meta['namespace']}/volumesnapshots/{meta['name']}/status"
    # It may have gone while it was copied, and another of its name have come: with a version the server
    # refuses what is out of date, and the next pass looks again.
    seen = {"resourceVersion": meta["resourceVersion"]}
    with accepted(404, 409):
        api.patch(path, {"metadata": seen, "status": status})


def _fill(snapshots: list[JSON], contents: list[JSON], claim: JSON, folder: Path) -> bool:
    """A claim's first content: its snapshot's copy when it is ready, or nothing where none is asked for."""
    if objects.source_of(claim) is None:
        return volumes.empty(claim, folder)
    content = objects.content_to_restore(claim, snapshots, contents)
    if content is None:
        return False
    try:
        if not folder.exists():
            copies.copy(FOLDER / content["status"]["snapshotHandle"], folder)
    except OSError as error:
        print(f"{folder.name} waits: {error}", flush=True)
        return False
    return True


def _remove(api: Api, content: JSON) -> None:
    name = content["metadata"]["name"]
    if found := re.fullmatch(r"snapcontent-([0-9a-f-]+)", name):
        shutil.rmtree(FOLDER / f"snapshot-{found[1]}", ignore_errors=True)
    with accepted(404):
        api.delete(f"{CONTENTS}/{name}")


def _watch(api: Api, collection: str, changed: threading.Event) -> None:
    """Tells of every change to a collection, and at the start of what it has."""
    while True:
        with contextlib.suppress(*FAILURES):
            for _ in api.watch(collection, WATCH_SECONDS):
                changed.set()
        time.sleep(1)


def main(definitions: Path) -> None:
    for folder in (FOLDER, volumes.FOLDER):
        copies.sweep(folder)
    api, changed = Api(Path(config.PKI)), threading.Event()
    for collection in WATCHED:
        threading.Thread(target=_watch, args=(api, collection, changed), daemon=True).start()
    while True:
        try:
            install(api, definitions)
            while True:
                settle(api)
                changed.wait(LONGEST_SECONDS)
                changed.clear()
        except FAILURES as error:
            print(f"trying again: {error}", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
