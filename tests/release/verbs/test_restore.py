"""Which release a backup brings back with its data, and whom a restore in the same phase gives way to."""

import pytest

from release import others
from release.errors import ContactLostError, RefusedError
from release.locking.locks import Owner
from release.migration.backups import Backup, Manifest, Part
from release.verbs import restore
from release.verbs.restore import made_in, pod_by_pod, target_of
from tests.release.histories import entry, told
from tests.release.migrating import FakeJobs, MigratingCluster, MigratingWorld, data_of


def backup(*phases):
    def part(number, phase):
        manifest = Manifest(
            version="v2.0.0",
            phase=phase,
            pod=f"p-{number}",
            format=1,
            height=1,
            state_root="a" * 64,
            sha256="b" * 64,
            size=1,
            made=0,
        )
        return Part(name="b", folder=f"p-{number}", manifest=manifest)

    return Backup(name="b", parts={f"p-{number}": part(number, phase) for number, phase in enumerate(phases)})


def test_a_backup_of_the_present_phase_leaves_the_release_as_it_is():
    ledger = told(entry("v1", phase="foundation"), entry("v2", phase="foundation", at=1))
    assert target_of(ledger, made_in(backup("foundation", "foundation")), stack="local") is ledger.running


def test_a_backup_of_another_phase_brings_its_newest_good_release_back():
    ledger = told(entry("v1"), entry("v2", at=1), entry("v2", phase="foundation", at=2))
    assert target_of(ledger, made_in(backup("")), stack="local") is ledger.good[1]


def test_a_release_on_a_part_of_the_pods_is_no_whole_one():
    ledger = told(entry("v1", phase="foundation"), entry("v2", phase="foundation", percent=50, at=1))
    assert target_of(ledger, "foundation", stack="local").pin.version == "v1"


def test_a_phase_that_never_was_good_is_refused():
    with pytest.raises(RefusedError, match="No good release of local was ever of phase complete"):
        target_of(told(entry("v1")), "complete", stack="local")


def test_a_backup_of_several_phases_is_refused():
    with pytest.raises(RefusedError, match="made in several phases, actor-core, foundation"):
        made_in(backup("foundation", "actor-core"))


class Restoring(MigratingCluster):
    """Pods that are ready again at once; Helm's revision is what the test says before each."""

    revisions = (1, 1, 1, 1, 1)

    def helm(self):
        self.looks = getattr(self, "looks", -1) + 1
        return (self.revisions[self.looks],)


@pytest.fixture
def restored(tmp_path, monkeypatch):
    """What came of a restore of four pods, and which of them have been restored."""

    def _restored(*, revisions=Restoring.revisions, owners=()):
        world = MigratingWorld(folder=tmp_path, phase="foundation")
        kept = {pod: (chain, "foundation") for pod, chain in world.chains.items()}
        world.backups["b"] = kept
        world.grow(5)
        cluster = Restoring(world)
        cluster.revisions = revisions
        held = iter([{}, *owners, {}, {}, {}])
        monkeypatch.setattr(others, "judged", lambda _: _told(next(held)))
        monkeypatch.setattr(restore, "_ready_again", lambda *_: True)
        data = data_of(world, cluster, FakeJobs(world))
        (found,) = data.backups()
        problem = pod_by_pod(world.site(), data, found)
        return problem, [pod for pod, chain in world.chains.items() if chain == kept[pod][0]]

    return _restored


def _told(held):
    if isinstance(held, Exception):
        raise held
    return held


def test_all_pods_get_the_data_of_their_backup(restored):
    assert restored() == ("", [0, 1, 2, 3])


def test_whoever_holds_the_stack_meanwhile_is_left_alone_with_the_pods(restored):
    problem, done = restored(owners=[{"lock": Owner.FOREIGN}])
    assert problem.startswith("an update of local has begun; the pods from alys-node-2 down have the data")
    assert done == [3]


def test_where_the_locks_can_t_be_seen_any_more_the_other_pods_are_left_alone(restored):
    lost = ContactLostError(what="The bucket state can't be read", where="s3://state", remedy="")
    problem, done = restored(owners=[lost])
    assert problem.startswith("The bucket state can't be read; the pods from alys-node-2 down have the data")
    assert done == [3]


def test_a_lock_that_a_dead_process_left_stops_nobody(restored):
    assert restored(owners=[{"lock": Owner.DEAD}]) == ("", [0, 1, 2, 3])


def test_a_contact_that_is_lost_says_where_the_restore_stopped(restored, monkeypatch):
    def lost(self, pod):
        raise ContactLostError(what="out of sight", where="c", remedy="r")

    monkeypatch.setattr(Restoring, "delete", lost)
    assert restored() == ("out of sight", [])


def test_another_revision_of_the_release_ends_the_restore(restored):
    problem, done = restored(revisions=(1, 1, 1, 2))
    assert problem.startswith("Helm is at another revision")
    assert done == [2, 3]
