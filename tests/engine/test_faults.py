"""What a killed update leaves, and what two at once do, with plain `pulumi` (faults 1, 2, 4)."""

import json
import signal
import time

import pytest

from tests.engine.conftest import end

pytestmark = pytest.mark.cluster
SOON = 60


def until(condition, *, seconds: float = SOON) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def helm_status(workspace) -> str:
    return json.loads(workspace.helm("status", "alys-node", "--output", "json"))["info"]["status"]


def test_a_killed_update_leaves_a_lock_and_a_pending_release_that_the_driver_mends(workspace):
    """Fault 1: the serving pods stay, and the next `release` mends and converges."""
    assert workspace.release("v1.0.0")
    workspace.stack.pin({"version": "v3.0.0", "digest": workspace.digests["v3.0.0"]})
    update = workspace.start_update()
    until(lambda: helm_status(workspace) == "pending-upgrade")
    end(update, signal.SIGKILL)
    update.communicate()
    refused = workspace.pulumi("up", "--yes", "--skip-preview", "--non-interactive")
    assert refused.returncode != 0
    assert "locked" in refused.stdout + refused.stderr
    # The other pod is just being replaced: who asks all of them may ask one that is gone.
    assert workspace.namespace.ask("alys-node-0", "/version")["version"] == "v1.0.0"
    mended = workspace.driver("deploy", "local", "v2.0.0")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "removed the lock: its owner has ended" in mended.stdout
    assert "had Helm put back what it had deployed before" in mended.stdout
    assert workspace.namespace.see().versions == {"v2.0.0": 2}


def test_an_interrupted_update_puts_the_old_version_back(workspace):
    """Fault 2."""
    assert workspace.release("v1.0.0")
    workspace.stack.pin({"version": "v3.0.0", "digest": workspace.digests["v3.0.0"]})
    update = workspace.start_update()
    until(lambda: helm_status(workspace) == "pending-upgrade")
    update.send_signal(signal.SIGINT)
    said, _ = update.communicate(timeout=SOON)
    assert update.returncode != 0, said
    assert helm_status(workspace) == "deployed"
    assert workspace.namespace.see().versions == {"v1.0.0": 2}
    assert workspace.release("v2.0.0")


def test_of_two_updates_at_once_one_wins_and_the_other_changes_nothing(workspace):
    """Fault 4."""
    assert workspace.release("v1.0.0")
    workspace.stack.pin({"version": "v2.0.0", "digest": workspace.digests["v2.0.0"]})
    both = [workspace.start_update(), workspace.start_update()]
    said = [update.communicate(timeout=SOON)[0] for update in both]
    assert sorted(update.returncode == 0 for update in both) == [False, True], said
    assert workspace.namespace.see().versions == {"v2.0.0": 2}
    history = json.loads(workspace.pulumi("stack", "history", "--json").stdout)
    assert len(history) == 2
