"""Backups, rehearsals on them, and restores: real pods, real volumes, and every block counted."""

import json

import pytest

from tests.engine.conftest import SLOW
from tests.engine.test_driver import result
from tests.engine.test_migrate import (
    begin,
    corrupt,
    kill_between,
    objects,
    phases_of,
    rehearse,
    restore,
    standing,
)
from tests.engine.test_phases import PODS, Chains, enter, uids

pytestmark = pytest.mark.cluster


@pytest.fixture
def chains(workspace):
    return Chains(workspace)


def test_backups_are_rehearsed_on_and_restored_and_a_corrupted_one_is_refused(workspace, chains):
    """Nothing is left of a rehearsal, and a broken backup stops no pod."""
    assert enter(workspace, "actor-core")
    made = workspace.driver("backup", "local", "--json")
    assert made.returncode == 0, made.stdout + made.stderr
    name, kept = result(made)["made"], result(made)["backups"][0]
    assert (kept["name"], kept["problems"]) == (name, [])
    assert rehearse(workspace, chains, objects(workspace)) == ["deploy", "migrate", "rollback"]
    restore(workspace, chains, kept)
    pods = uids(workspace)
    corrupt(workspace, name, PODS[0])
    refused = workspace.driver("restore", "local", name)
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert f"The backup {name} can't be restored: {PODS[0]}" in refused.stderr
    assert uids(workspace) == pods


def test_a_point_of_no_return_that_was_passed_is_only_left_by_a_restore(workspace, chains, newer_digest):
    begin(workspace, newer_digest, "sync-improvement")
    assert workspace.driver("backup", "local").returncode == 0
    assert enter(workspace, "lighthouse-migration", "v2.1.0")
    refused = workspace.driver("rollback", "local")
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert "release restore" in refused.stderr
    kept = json.loads(workspace.driver("backups", "local", "--json").stdout)["backups"][0]
    assert kept["name"].startswith("sync-improvement-r")
    run = workspace.driver("restore", "local", kept["name"], "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert phases_of(chains) == {(2, "sync-improvement")}
    chains.hold_backup(kept)


def test_a_restore_that_is_killed_leaves_the_data_that_was_there_and_a_rerun_converges(
    workspace, chains, slow_digest
):
    """Fault 18."""
    begin(workspace, slow_digest, "actor-core", SLOW)
    name = result(workspace.driver("backup", "local", "--json"))["made"]
    heads = chains.heads()
    run = workspace.start_driver("restore", "local", name)
    kill_between(workspace, "restore")
    said, _ = run.communicate(timeout=240)
    assert run.returncode == 7, said
    assert "A backup was not restored" in said
    workspace.kubectl("wait", "--for=condition=Ready", *(f"pod/{pod}" for pod in PODS), "--timeout=60s")
    chains.hold(heads)
    again = workspace.driver("restore", "local", name, "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    kept = json.loads(workspace.driver("backups", "local", "--json").stdout)["backups"][0]
    chains.hold_backup(kept)
    assert standing(workspace) == []
