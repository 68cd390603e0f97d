"""The embedded cluster's life and deaths, on a machine of its own beside the one that everybody uses."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cluster import addresses, cgroups, namespaces
from tests.local.cluster.kube import Kube, Pod, claim, eventually
from tests.local.cluster.sandbox import CLONE, Sandbox, sandbox

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="the embedded cluster needs root; where Docker runs, kind is used"
    ),
]


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Iterator[Sandbox]:
    with sandbox(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture
def running(machine) -> Sandbox:
    machine.up()
    return machine


@pytest.fixture
def kube(running) -> Kube:
    return running.kube()


@pytest.fixture
def probe_image(running, probe) -> str:
    return running.push(probe)


def machine_wide() -> dict[str, str]:
    """What a cluster could leave on the machine around it."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    links = [path.name for path in Path("/sys/class/net").iterdir()]
    values = {name: Path("/proc/sys", name).read_text() for name in namespaces.SHOWN}
    groups = [str(path) for hierarchy in cgroups.hierarchies() for path in hierarchy.glob("*")]
    named = [path.name for path in Path("/run/netns").glob("*")]
    folders = [
        str(path) for path in map(Path, ("/var/lib/kubelet", "/run/containerd", "/etc/cni")) if path.exists()
    ]
    return {
        "mounts": "\n".join(sorted(line.split(" ", 3)[3] for line in mounts)),
        "links": " ".join(sorted(links)),
        "groups": " ".join(sorted(group for group in groups if "/alys-" in group)),
        "named": " ".join(sorted(named)),
        "folders": " ".join(folders),
    } | values


def test_a_healthy_cluster_is_left_as_it_is(running):
    before = running.supervisor()
    assert running.up() == ""
    assert running.supervisor() == before


def test_two_that_start_it_at_once_get_one_cluster(machine):
    machine.down()
    argv, environment = machine.argv("embedded.up()"), machine.environment()
    pair = [subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in pair] == [0, 0]
    supervisors = [
        words for words in machine.processes() if "local.cluster.supervisor" in words and "unshare" in words
    ]
    assert len(supervisors) == 1


COMPONENTS = (
    "etcd",
    "kube-apiserver",
    "containerd",
    "kubelet",
    "kube-proxy",
    "coredns",
    "docker-registry",
    "prometheus",
)


def test_components_that_are_killed_come_back(running):
    before = {name: running.component(name) for name in COMPONENTS}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    for name, pid in before.items():
        eventually(lambda name=name, pid=pid: running.component(name) not in {0, pid})
    eventually(lambda: running.python("print(embedded.ailments())").stdout == "[]\n")


def killed(machine: Sandbox, which: int) -> None:
    os.kill(machine.supervisor()[which], signal.SIGKILL)
    eventually(lambda: not machine.processes())


@pytest.mark.parametrize("which", [0, 1], ids=["the first process", "the one that holds it"])
def test_nothing_outlives_the_supervisor(running, which):
    killed(running, which)
    eventually(lambda: addresses.HOST_LINK not in running.run("ip", "-brief", "link"))


def test_a_killed_cluster_is_mended_with_its_pods_and_their_data(running, kube, probe_image):
    kube.apply(claim("data"), Pod(name="keeper", image=probe_image, claim="data").manifest())
    kube.wait_ready("keeper")
    volume = running.cache / "cluster" / "volumes" / kube.get("pvc", "data")["spec"]["volumeName"]
    (volume / "note").write_text("kept")
    killed(running, 0)
    said = running.up()
    assert "is not healthy: it does not run" in said
    assert "wiped" not in said
    restarted = "jsonpath={.status.containerStatuses[0].restartCount}"
    eventually(lambda: kube.do("get", "pod", "keeper", "-o", restarted) == "1")
    kube.wait_ready("keeper")
    assert (volume / "note").read_text() == "kept"


def test_a_cluster_that_an_older_clone_started_is_started_anew_with_its_data(running, kube):
    kube.do("create", "configmap", "note")
    (running.cache / "cluster" / "generation").unlink()
    said = running.up()
    assert "is not healthy: an older clone started it" in said
    assert "wiped" not in said
    eventually(lambda: kube.do("get", "configmap", "note", "--output=name") == "configmap/note\n")


def test_a_cluster_that_a_newer_clone_started_serves_as_it_is(running):
    generation = running.cache / "cluster" / "generation"
    ours = generation.read_text()
    generation.write_text("1000\n")
    try:
        assert running.up() == ""
    finally:
        generation.write_text(ours)


SNAPSHOTS = {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot"}


def test_a_volume_starts_with_the_snapshot_of_another(running, kube):
    kube.apply(claim("chain", storageClassName="alys-snapshots"))
    volumes = running.cache / "cluster" / "volumes"

    def volume(name: str) -> Path:
        return volumes / eventually(lambda: kube.get("pvc", name)["spec"].get("volumeName"))

    note = volume("chain") / "note"
    note.write_text("before")
    os.chown(note, 65532, 65532)
    source = {"persistentVolumeClaimName": "chain"}
    spec = {"volumeSnapshotClassName": "alys-snapshots", "source": source}
    kube.apply(SNAPSHOTS | {"metadata": {"name": "first"}, "spec": spec})
    kube.do("wait", "--for=jsonpath={.status.readyToUse}=true", "volumesnapshot/first", "--timeout=60s")
    note.write_text("after")
    wanted = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "first"}
    kube.apply(claim("restored", storageClassName="alys-snapshots", dataSource=wanted))
    restored = volume("restored") / "note"
    assert restored.read_text() == "before"
    assert restored.stat().st_uid == 65532


def test_a_record_of_another_boot_means_nothing(running):
    """After the machine's restart those ids are other people's processes."""
    record = running.cache / "cluster" / "supervisor.json"
    killed(running, 0)
    stranger = subprocess.Popen(["sleep", "infinity"])
    try:
        said = json.loads(record.read_text())
        record.write_text(
            json.dumps(said | {"boot": "another", "processes": [{"pid": stranger.pid, "started": 1}]})
        )
        running.up()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_cluster_whose_data_is_spoilt_is_made_anew_and_says_so(running):
    killed(running, 0)
    (database,) = (running.cache / "cluster" / "var-lib" / "etcd").rglob("db")
    database.write_bytes(b"spoilt" * 10_000)
    assert "its data is wiped" in running.up()


def test_a_cluster_that_once_could_not_start_gets_another_chance(running):
    """What its parts did in a former life is no reason to give up on its data."""
    killed(running, 0)
    (running.cache / "cluster" / "dying.json").write_text('{"etcd": 9}')
    assert "wiped" not in running.up()


def test_the_clone_that_started_it_may_go(machine, tmp_path):
    machine.down()
    clone = tmp_path / "clone"
    shutil.copytree(CLONE / "local", clone / "local", ignore=shutil.ignore_patterns("__pycache__"))
    done = machine.python("embedded.up()", clone)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(clone)
    for name in ("local.cluster.volumes", "local.cluster.forward", "local.cluster.targets"):
        before = machine.module(name)
        os.kill(before, signal.SIGKILL)
        eventually(lambda name=name, before=before: machine.module(name) not in {0, before})
    eventually(lambda: machine.python("print(embedded.ailments())").stdout == "[]\n")


def test_a_taken_port_is_named_with_the_way_to_find_its_taker(machine):
    machine.down()
    taking = f"import socket, sys; s = socket.create_server(('127.0.0.1', {addresses.REGISTRY_PORT}))"
    argv = [*machine.prefix, "python3", "-c", f"{taking}; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as taker:
        taker.stdout.readline()
        refused = machine.python("embedded.up()")
        taker.stdin.close()
    assert "port 5055 on 127.0.0.1 is taken" in refused.stderr
    assert "ss -ltnp sport = :5055" in refused.stderr


def test_a_cluster_of_another_cache_is_not_run_over(running, tmp_path):
    other = Sandbox(home=tmp_path, holder=running.holder)
    (other.cache).mkdir()
    for name in ("tools", "debian"):
        (other.cache / name).symlink_to(running.cache / name)
    before = running.supervisor()
    assert (
        "a cluster of another cache folder or user runs on this machine"
        in other.python("embedded.up()").stderr
    )
    assert running.supervisor() == before


def test_down_leaves_the_machine_as_it_was(machine):
    machine.down()
    before = machine_wide()
    machine.up()
    machine.down()
    machine.down()
    assert machine_wide() == before
    assert machine.processes() == []
    assert [line.split()[0] for line in machine.run("ip", "-brief", "link").splitlines()] == ["lo"]
    assert not (machine.cache / "cluster").exists()
    assert (machine.cache / "images" / "registry").exists()


def test_the_machine_around_has_no_rules_of_the_clusters(running):
    """Inside there are many: the tool that counts them is seen to count."""
    from local import debian  # noqa: PLC0415

    save = [str(debian.ensure() / "links-nft" / "iptables-save")]
    environment = os.environ | debian.environment(debian.ensure())
    inside = ["nsenter", f"--net=/proc/{running.component('kubelet')}/ns/net", "--"]
    outside = subprocess.run(
        [*running.prefix, *save], env=environment, capture_output=True, text=True, check=True
    )
    within = subprocess.run([*inside, *save], env=environment, capture_output=True, text=True, check=True)
    assert "KUBE-" in within.stdout
    assert outside.stdout == ""
