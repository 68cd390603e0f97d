"""`release` where things go wrong, on the real engine and cluster; numbers are those of the fault list."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from local import images, node_image
from tests.engine.proxy import way
from tests.engine.test_driver import result, wait_for
from tests.release.receiver import Reply

pytestmark = pytest.mark.cluster
NEVER_READY, CRASHES_LATER, HANGS = "v8.0.0-never-ready", "v8.0.0-crashes-later", "v8.0.0-hangs-smoke"


@pytest.fixture
def faulty(workspace):
    """Versions that only these tests need."""
    faults = {NEVER_READY: "never-ready", CRASHES_LATER: "crash-after:6", HANGS: "hangs-smoke"}
    for version, fault in faults.items():
        workspace.digests[version] = node_image.push(version, fault)
    return workspace


def pinned(workspace) -> str:
    return workspace.pinned()["version"]


def test_a_killed_driver_leaves_a_step_that_the_next_run_takes_up(workspace):
    """Fault 1: the update goes on alone, and the rerun converges."""
    assert workspace.release("v1.0.0")
    run = workspace.start_driver("deploy", "local", "v2.0.0")
    wait_for(lambda: pinned(workspace) == "v2.0.0")
    wait_for(lambda: "v2.0.0" in workspace.namespace.labelled())
    run.kill()
    run.communicate()
    wait_for(lambda: not list((workspace.folder / "state").glob(".pulumi/locks/**/*.json")), seconds=90)
    again = workspace.driver("deploy", "local", "v2.0.0", "--json")
    assert again.returncode == 0, again.stderr
    assert workspace.namespace.see().versions == {"v2.0.0": 2}


def test_a_killed_plugin_fails_the_update_and_the_last_good_version_comes_back(workspace):
    """Fault 1."""
    assert workspace.release("v1.0.0")
    run = workspace.start_driver("deploy", "local", "v7.0.0")
    wait_for(lambda: "v7.0.0" in workspace.namespace.labelled())
    killed = subprocess.run(
        ["pkill", "-KILL", "-f", "local.plugins.kubernetes", "--session", str(run.pid)], check=False
    )
    if killed.returncode:
        # The engine's plugins are in the session of the update, not of the driver.
        update = _update_of(run.pid)
        subprocess.run(
            ["pkill", "-KILL", "-f", "local.plugins.kubernetes", "--session", str(update)], check=True
        )
    said, _ = run.communicate(timeout=180)
    assert run.returncode == 4, said
    assert workspace.namespace.see().versions == {"v1.0.0": 2}
    assert pinned(workspace) == "v1.0.0"


def test_a_cancelled_job_is_taken_back(workspace):
    """Fault 2: SIGTERM to the driver."""
    assert workspace.release("v1.0.0")
    run = workspace.start_driver("deploy", "local", "v7.0.0")
    wait_for(lambda: "v7.0.0" in workspace.namespace.labelled())
    run.send_signal(signal.SIGTERM)
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 130, said
    assert workspace.namespace.see().versions == {"v1.0.0": 2}
    assert pinned(workspace) == "v1.0.0"
    assert not list((workspace.folder / "state").glob(".pulumi/locks/**/*.json"))
    assert workspace.driver("deploy", "local", "v2.0.0").returncode == 0, "nobody is to blame: not on hold"


def test_of_two_deployments_one_wins_and_the_other_changes_nothing(workspace):
    """Fault 4."""
    assert workspace.release("v1.0.0")
    runs = [workspace.start_driver("deploy", "local", "v2.0.0") for _ in range(2)]
    said = [run.communicate(timeout=180)[0] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 6], said
    assert workspace.namespace.see().versions == {"v2.0.0": 2}


def test_a_cluster_out_of_reach_is_refused_before_anything_is_written(workspace, tmp_path):
    """Fault 6."""
    assert workspace.release("v1.0.0")
    before = (workspace.folder / "Pulumi.local.yaml").read_bytes()
    with way(Path(os.environ["KUBECONFIG"]), tmp_path / "cut.json") as road:
        road.cut()
        run = workspace.driver("deploy", "local", "v2.0.0", KUBECONFIG=str(road.kubeconfig))
    assert run.returncode == 3, run.stdout + run.stderr
    assert "can't be asked" in run.stderr
    assert "make cluster" in run.stderr
    assert (workspace.folder / "Pulumi.local.yaml").read_bytes() == before


def test_a_cluster_that_is_lost_on_the_way_ends_in_time_and_a_rerun_converges(workspace, tmp_path):
    """Fault 7: never a success, the serving pods stay."""
    assert workspace.release("v1.0.0")
    with way(Path(os.environ["KUBECONFIG"]), tmp_path / "cut.json") as road:
        run = workspace.start_driver("deploy", "local", "v7.0.0", KUBECONFIG=str(road.kubeconfig))
        wait_for(lambda: "v7.0.0" in workspace.namespace.labelled())
        road.cut()
        said, _ = run.communicate(timeout=240)
    assert run.returncode == 7, said
    assert workspace.pinned()["version"] == "v1.0.0"
    assert workspace.namespace.see().versions.get("v1.0.0", 0) >= 1
    again = workspace.driver("deploy", "local", "v2.0.0", "--json")
    assert again.returncode == 0, again.stdout + again.stderr
    assert workspace.namespace.see().versions == {"v2.0.0": 2}


def test_without_prometheus_a_step_is_held_and_then_taken_back(workspace, nobody):
    """Fault 8."""
    assert workspace.release("v1.0.0")
    run = workspace.driver("deploy", "local", "v2.0.0", "--json", ALYS_PROMETHEUS=nobody)
    said = result(run)
    assert (run.returncode, {gate["verdict"] for gate in said["gates"]}) == (4, {"error"}), run.stderr
    assert workspace.namespace.see().versions == {"v1.0.0": 2}


def test_receivers_that_hang_change_nothing_but_the_last_seconds(workspace, receiver):
    """Faults 12 and 27: no token is said, wherever one looks."""
    receiver.answer = lambda _: Reply(hang=True)
    token, password = "ghp_" + "a1" * 18, "planted-password-1"
    address = receiver.address.removeprefix("http://")
    assert workspace.release("v1.0.0")
    run = workspace.driver(
        "deploy",
        "local",
        "v2.0.0",
        "--message",
        f"because of {token}",
        GITHUB_TOKEN=token,
        GITHUB_REPOSITORY="alys/alys",
        GITHUB_API_URL=receiver.address,
        ALYS_NOTIFY=f"json://user:{password}@{address}/",
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "no answer within 5 s" in run.stdout
    kept = [
        run.stdout,
        run.stderr,
        *_texts(workspace.folder / "state"),
        *_texts(workspace.folder / ".release"),
    ]
    assert not [text for text in kept if token in text or password in text]


def test_an_image_that_cannot_be_unpacked_is_seen_at_once(workspace, monkeypatch):
    """Fault 14: ImagePullBackOff."""
    version = "v8.0.0-no-image"
    with monkeypatch.context() as patched:
        patched.setattr(images, "_archive", lambda _: b"no archive " * 100)
        node_image.push(version, "exit-at-start")
    assert workspace.release("v1.0.0")
    run = workspace.driver("deploy", "local", version, "--json")
    said = result(run)
    assert run.returncode == 4, run.stderr
    assert "image that can't be pulled" in said["reason"]
    assert workspace.namespace.see().versions == {"v1.0.0": 2}


def test_a_version_that_never_gets_ready_is_taken_back_at_the_limit(faulty):
    """Fault 15: one pod at a time, so the others serve."""
    assert faulty.release("v1.0.0")
    run, ready = faulty.start_driver("deploy", "local", NEVER_READY), set()
    while run.poll() is None:
        ready.add(len(faulty.namespace.ready()))
        time.sleep(0.2)
    said, _ = run.communicate()
    assert run.returncode == 4, said
    assert min(ready) == 1
    assert faulty.namespace.see().versions == {"v1.0.0": 2}


def test_a_smoke_test_that_hangs_is_given_up_at_the_limit(faulty):
    """Fault 17."""
    assert faulty.release("v1.0.0")
    run = faulty.driver("deploy", "local", HANGS, "--json")
    said = result(run)
    assert (run.returncode, said["outcome"]) == (4, "rolled back"), run.stderr
    assert said["reason"] == "the smoke test did not end in its time"
    assert faulty.namespace.see().versions == {"v1.0.0": 2}


def test_a_version_that_crashes_once_it_was_ready_is_caught_by_the_soak(faulty):
    """Fault 16."""
    assert faulty.release("v1.0.0")
    run = faulty.driver("deploy", "local", CRASHES_LATER, "--soak", "60s", "--json")
    said = result(run)
    assert run.returncode == 4, run.stderr
    assert "alys-node-1" in said["reason"]
    assert faulty.namespace.see().versions == {"v1.0.0": 2}


def test_a_full_disk_leaves_the_old_state_valid_and_the_next_run_works(workspace, tmp_path, monkeypatch):
    """Fault 20."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=True)
    try:
        monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{disk}")
        subprocess.run(["pulumi", "stack", "init", "local"], check=True, capture_output=True)
        assert workspace.release("v1.0.0")
        (disk / "full").write_bytes(b"\0" * (_free(disk) - 4096))
        run = workspace.driver("deploy", "local", "v2.0.0")
        assert run.returncode in {3, 4, 5, 7}, run.stdout + run.stderr
        assert "Traceback" not in run.stdout + run.stderr
        assert workspace.namespace.see().versions.get("v1.0.0", 0) >= 1
        assert workspace.pinned()["version"] == "v1.0.0"
        (disk / "full").unlink()
        again = workspace.driver("deploy", "local", "v2.0.0", "--retry")
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_truncated_state_is_refused_with_the_way_to_restore_it(workspace):
    """Fault 21."""
    assert workspace.release("v1.0.0")
    (state,) = (workspace.folder / "state").glob(".pulumi/stacks/alys/local.json")
    state.write_bytes(state.read_bytes()[:200])
    run = workspace.driver("deploy", "local", "v2.0.0")
    assert run.returncode == 3, run.stdout + run.stderr
    assert "pulumi stack import" in run.stderr
    assert workspace.namespace.see().versions == {"v1.0.0": 2}


def _update_of(driver: int) -> int:
    said = subprocess.run(["pgrep", "-P", str(driver), "pulumi"], check=True, capture_output=True, text=True)
    return int(said.stdout.split()[0])


def _texts(folder: Path) -> list[str]:
    return [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]


def _free(disk: Path) -> int:
    return os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
