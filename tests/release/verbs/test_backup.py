"""Retention after a backup: what goes, and that the last good one never does."""

from release.migration.data_jobs import Ended
from release.verbs.backup import expendable
from tests.release.migrating import FakeJobs, MigratingCluster, MigratingWorld, data_of

PODS = tuple(f"alys-node-{number}" for number in range(4))


class Forgetting(FakeJobs):
    """A volume that deletes what it is told to, or can't."""

    passes = True

    def work(self, words, backups):
        ((pod, command),) = words.items()
        if command[0] != "forget":
            return super().work(words, backups)
        if self.passes:
            for name in command[3:]:
                del self.world.backups[name]
        return {pod: Ended(pod=pod, passed=self.passes, said="alys-node: read-only file system")}


def kept(tmp_path, *, count, keep, passes=True):
    world = MigratingWorld(folder=tmp_path, phase="foundation")
    for number in range(count):
        world.backups[f"foundation-{number}"] = {
            pod: (chain, "foundation") for pod, chain in world.chains.items()
        }
    jobs = Forgetting(world)
    jobs.passes = passes
    data = data_of(world, MigratingCluster(world), jobs)
    gone = expendable(data, data.backups(), PODS, keep=keep)
    return gone, sorted(world.backups)


def test_the_oldest_go_and_the_newest_stay(tmp_path):
    gone, left = kept(tmp_path, count=4, keep=2)
    assert (sorted(gone), left) == (["foundation-0", "foundation-1"], ["foundation-2", "foundation-3"])


def test_the_last_good_one_never_goes(tmp_path):
    assert kept(tmp_path, count=1, keep=1) == ((), ["foundation-0"])


def test_what_could_not_be_deleted_is_not_said_to_be(tmp_path):
    gone, left = kept(tmp_path, count=2, keep=1, passes=False)
    assert (gone, len(left)) == ((), 2)
