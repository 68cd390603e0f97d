"""Which release a backup brings back with its data."""

import pytest

from release.errors import RefusedError
from release.migration.backups import Backup, Manifest, Part
from release.verbs.restore import made_in, target_of
from tests.release.histories import entry, told


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
