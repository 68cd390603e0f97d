"""The data of a site's pods, opened: its phases, its gates, and the Jobs that work on it."""

from release.errors import UNCHANGED, RefusedError
from release.migration import phases, phases_file
from release.migration.data_jobs import DataJobs
from release.migration.passage import Data
from release.migration.phases_file import PhasesFile
from release.migration.snapshot_store import SnapshotStore
from release.migration.store import Store
from release.migration.volume_store import VolumeStore
from release.outside.cluster import Cluster
from release.past import identity
from release.past import ledger as ledgers
from release.site import Site
from release.verbs.deploy import gates
from sections.pin import Pin

PHASES = "migration/phases.toml"
REPORT = "validation.json"


def known(site: Site) -> PhasesFile:
    """The project's phases; `RefusedError` names what is wrong with the file."""
    return phases_file.read(site.project.folder / PHASES, gates(site))


def open_data(site: Site, cluster: Cluster | None) -> Data:
    """What a site's pods hold; `RefusedError` where there are none."""
    if cluster is None:
        raise RefusedError(
            what="Nothing runs yet whose data could be worked on; nothing was changed",
            where=f"stack {site.stack.name}",
            remedy=f"Release a version first:  release deploy {site.stack.name} v1.2.3",
        )
    jobs = DataJobs(cluster=cluster, run=site.run, limit_seconds=site.release.timing.migration)
    return Data(
        cluster=cluster,
        jobs=jobs,
        kept=_store(site, cluster, jobs),
        phases=known(site),
        gates=gates(site),
        screen=site.screen,
        report=site.folder / REPORT,
    )


def _store(site: Site, cluster: Cluster, jobs: DataJobs) -> Store | None:
    release = site.release
    if release.snapshots:
        return SnapshotStore(
            cluster=cluster,
            jobs=jobs,
            classes=release.snapshots,
            limit_seconds=release.timing.migration,
        )
    return VolumeStore(cluster=cluster, jobs=jobs) if release.backup_volume else None


def no_return(site: Site, wanted: Pin) -> tuple[str, ...]:
    """Why the phase of a pin can't be left for that of the release that would be gone back to."""
    if wanted.phase is None:
        return ()
    good = ledgers.ledger(site.stack.history()).last_good(besides=identity.of(wanted))
    if good is None or good.pin.phase == wanted.phase:
        return ()
    try:
        phases.step(known(site), wanted, good.pin)
    except RefusedError as refusal:
        return (refusal.what.removesuffix(UNCHANGED),)
    return ()


def needs_store(site: Site) -> None:
    """Refuse where there is no place for backups."""
    if site.release.backup_volume is None and site.release.snapshots is None:
        raise RefusedError(
            what="There is no place for backups; nothing was changed",
            where=site.file.name,
            remedy="Declare one, and update the stack. Where the volumes' driver has snapshots:\n  config:\n"
            "    alys:release:\n      snapshots:\n        snapshot_class: alys-chain\n"
            "Elsewhere:\n  config:\n    alys:release:\n"
            "      backup_volume:\n        size: 300Gi",
        )


def restores_at_once(site: Site, cluster: Cluster) -> None:
    """Refuse where a backup could not stand ready beside every pod."""
    needs_store(site)
    volume = site.release.backup_volume
    machines = cluster.machines()
    if volume and not volume.shared and len(machines) > 1:
        raise RefusedError(
            what="All pods may have to be restored at once, and one machine at a time mounts the backups, "
            f"while they are on {len(machines)}; nothing was changed",
            where=site.file.name,
            remedy="A storage class that all can mount:\n  config:\n    alys:release:\n      backup_volume:\n"
            "        shared: true",
        )
