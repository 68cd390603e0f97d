"""What a rollback refuses before it touches anything."""

import fcntl
import subprocess
import sys

import pytest
import typer

from release import cli
from release.commands import console
from release.errors import ContactLostError, RefusedError
from release.locking import turn
from release.locking.locks import Owner
from release.outcome import Outcome
from release.project import RUNS
from release.verbs import rollback
from tests.release.world import World


def test_an_emergency_stops_no_update_that_it_can_t_see_and_goes_on(tmp_path, monkeypatch):
    def hidden(_):
        raise ContactLostError(what="The bucket state can't be read", where="s3://state", remedy="")

    monkeypatch.setattr(rollback, "judged", hidden)
    rollback.stop(World(folder=tmp_path).site())


def test_an_emergency_to_a_version_that_never_was_good_stops_no_deployment(tmp_path, monkeypatch, capsys):
    """Neither the run of this clone that has the turn, nor one that holds the backend's lock."""
    stopped = []
    site = World(folder=tmp_path).site()
    monkeypatch.setattr(rollback, "stop", stopped.append)
    monkeypatch.setattr(console, "open_stack", lambda *_, **__: site)
    monkeypatch.setattr(turn, "LEAVES_WITHIN_SECONDS", 1)
    path = tmp_path / RUNS / "local.lock"
    path.parent.mkdir()
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as deployment,
        path.open("w") as held,
    ):
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(str(deployment.pid))
        held.flush()
        with pytest.raises(typer.Exit) as ended:
            cli.rollback("local", to="v9.9.9", emergency=True, yes=True)
        still_runs = deployment.poll() is None
        deployment.kill()
    assert ended.value.exit_code == Outcome.REFUSED.exit_code
    assert "v9.9.9 never was a good release" in capsys.readouterr().err
    assert still_runs
    assert stopped == []


def test_where_nobody_would_be_stopped_no_second_is_spent_on_asking(tmp_path, monkeypatch):
    site = World(folder=tmp_path).site()
    monkeypatch.setattr(site.stack, "history", None)
    rollback.once_good(site, "v1.0.0")


def test_the_backends_lock_is_somebody_to_stop_too(tmp_path, monkeypatch):
    site = World(folder=tmp_path).site()
    monkeypatch.setattr(rollback, "judged", lambda _: {"lock": Owner.LIVE})
    with pytest.raises(RefusedError, match="never was a good release"):
        rollback.once_good(site, "v9.9.9")
