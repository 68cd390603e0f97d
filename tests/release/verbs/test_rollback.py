"""What a rollback refuses before it touches anything."""

import pytest

from release.errors import RefusedError
from release.verbs import rollback
from tests.release.world import World


def test_an_emergency_to_a_version_that_never_was_good_stops_no_deployment(tmp_path, monkeypatch):
    stopped = []
    monkeypatch.setattr(rollback, "stop", stopped.append)
    with pytest.raises(RefusedError, match=r"v9\.9\.9 never was a good release"):
        rollback.rollback(World(folder=tmp_path).site(), to="v9.9.9", emergency=True)
    assert stopped == []
