"""A Job that migrates a copy of a pod's data there and back, and has none of the real. Pure."""

from collections.abc import Mapping
from typing import Any

from release.migration.backups import Part
from release.migration.data_job import DATA, Mounts, data_job
from release.migration.phases_file import WayBack

COMMANDS = 6
SCRATCH = "data"


def rehearsal_job(
    statefulset: Mapping[str, Any],
    pod: str,
    source: str,
    part: Part,
    *,
    name: str,
    mounts: Mounts,
    limit_seconds: int,
    phases: tuple[str, str],
    way_back: WayBack,
) -> dict[str, Any]:
    """Restore, validate, migrate to the second of two phases, validate, go back to the first, validate.

    The data is a scratch folder of the Job's own pod, and the backups can only be read. Where the phase's way
    back is a restore, that is what brings the copy back.
    """
    assert part.manifest
    here, there = phases
    has = ["--has", f"{part.manifest.height}:{part.manifest.state_root}"]
    restore = ["restore", "--from", source]
    back = restore if way_back is WayBack.RESTORE else ["migrate", "--to", here, "--back"]
    commands = [
        restore,
        ["validate", *has],
        ["migrate", "--to", there, "--back"],
        ["validate", "--phase", there, *has],
        back,
        ["validate", "--phase", here, *has],
    ]
    job = data_job(statefulset, pod, restore, name=name, mounts=mounts, limit_seconds=limit_seconds)
    job["spec"]["activeDeadlineSeconds"] += (COMMANDS - 1) * limit_seconds
    spec = job["spec"]["template"]["spec"]
    (made,) = spec["containers"]
    containers = [
        made
        | {
            "name": f"{number}-{words[0]}",
            "args": [*words, "--timeout", str(limit_seconds)],
            "volumeMounts": [
                {"name": SCRATCH, "mountPath": DATA},
                *made["volumeMounts"][1:],
            ],
        }
        for number, words in enumerate(commands, start=1)
    ]
    spec["initContainers"], spec["containers"] = containers[:-1], containers[-1:]
    # The group may write there, as it may to the pods' own volumes.
    spec["volumes"] = [{"name": SCRATCH, "emptyDir": {}}, *spec["volumes"][1:]]
    return job
