"""What the supervisor makes around itself: mounts and a network that end with its last process."""

import os
import subprocess
import tempfile
from pathlib import Path

from local.cluster import addresses

NETWORK = "alys"
# Folders of the machine that are covered inside.
HIDDEN = ("/run", "/var/run", "/var/lib", "/var/log", "/proc")

# kubelet insists on these, and they are the whole machine's: it is shown what it wants to read,
# and the machine's own values stay as they are. Source: pkg/util/sysctl of Kubernetes.
SHOWN = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def mount_all(cache: Path, parts: Path) -> None:
    """The private view: `/run`, `/var/lib` and `/var/log` are the cluster's own, the cache is in `/run`."""
    cluster = cache / "cluster"
    for folder in ("var-lib", "log"):
        (cluster / folder).mkdir(exist_ok=True)
    (cache / "images" / "registry").mkdir(parents=True, exist_ok=True)
    _run("mount", "--no-mtab", "-t", "proc", "proc", "/proc")
    stage = Path(tempfile.mkdtemp(prefix="alys-"))
    _run("mount", "--no-mtab", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(stage))
    for source, target in ((cache, addresses.INSIDE), (parts, addresses.PARTS)):
        mount_point = stage / Path(target).name
        mount_point.mkdir()
        _run("mount", "--no-mtab", "--bind", str(source), str(mount_point))
    _run("mount", "--no-mtab", "--bind", str(cluster / "log"), "/var/log")
    _run("mount", "--no-mtab", "--bind", str(cluster / "var-lib"), "/var/lib")
    _run("mount", "--no-mtab", "--move", str(stage), "/run")
    stage.rmdir()
    for name, value in SHOWN.items():
        file = Path("/run/sysctl") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value + "\n")
        _run("mount", "--no-mtab", "--bind", str(file), f"/proc/sys/{name}")
    # containerd must see what kubelet mounts; the mounts around this namespace hear nothing of it.
    _run("mount", "--no-mtab", "--make-rshared", "/")


def make_network(environment: dict[str, str]) -> None:
    """A network namespace named in this mount namespace only, and a cable to the machine around."""

    def ip(*words: str) -> None:
        _run("ip", *words, env=environment)

    ip("netns", "add", NETWORK)
    ip("link", "add", addresses.HOST_LINK, "type", "veth", "peer", "name", "eth0", "netns", NETWORK)
    ip("address", "add", f"{addresses.HOST}/{addresses.PREFIX}", "dev", addresses.HOST_LINK)
    ip("link", "set", addresses.HOST_LINK, "up")
    ip("-n", NETWORK, "link", "set", "lo", "up")
    ip("-n", NETWORK, "address", "add", f"{addresses.NODE}/{addresses.PREFIX}", "dev", "eth0")
    ip("-n", NETWORK, "link", "set", "eth0", "up")
    # What the node itself sends to a Service needs a route before kube-proxy's rules turn it around.
    ip("-n", NETWORK, "route", "add", addresses.SERVICES, "via", addresses.HOST)
    # Whatever looks for the internet is told at once that there is none.
    ip("-n", NETWORK, "route", "add", "prohibit", "default")


def inside_network(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command that runs `argv` in the cluster's network, and among the mounts of all its parts."""
    return ("nsenter", f"--net=/run/netns/{NETWORK}", "--", *argv)


def snapshotter(folder: Path) -> str:
    """The way to layer images: overlayfs, or plain copies where the file system can't be overlaid."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        names = ("lower", "upper", "work", "merged")
        for name in names:
            (Path(work) / name).mkdir()
        options = ",".join(f"{name}dir={work}/{name}" for name in names[:3])
        argv = ["mount", "-t", "overlay", "overlay", "-o", options, f"{work}/merged"]
        if subprocess.run(argv, capture_output=True, check=False).returncode:
            return "native"
        _run("umount", f"{work}/merged")
        return "overlayfs"


def iptables_variant(parts: Path, environment: dict[str, str]) -> str:
    """Which of the kernel's two tables answers in the new network; `nft` is Debian's own choice."""
    for variant in ("nft", "legacy"):
        argv = inside_network((str(parts / f"links-{variant}" / "iptables"), "-t", "nat", "-L", "-n"))
        done = subprocess.run(argv, env=os.environ | environment, capture_output=True, check=False)
        if done.returncode == 0:
            return variant
    raise RuntimeError("neither nft nor legacy iptables works in this kernel")


def _run(*argv: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(argv)}` said: {done.stderr.strip()}")
