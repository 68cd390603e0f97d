"""A second machine on this one, as far as the embedded cluster can tell: a network and a cache of its own."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import cache, images, tools
from local.cluster import addresses
from tests.local.cluster.kube import Kube

CLONE = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """`local` run in it sees no other cluster, and is seen by none."""

    home: Path
    holder: int

    @property
    def cache(self) -> Path:
        return self.home / "alys-release"

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("nsenter", f"--net=/proc/{self.holder}/ns/net", "--")

    def python(self, code: str, clone: Path = CLONE) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(code), env=self.environment(clone), cwd="/", capture_output=True, text=True, check=False
        )

    def argv(self, code: str) -> list[str]:
        return [*self.prefix, sys.executable, "-c", f"from local.cluster import embedded, cgroups; {code}"]

    def environment(self, clone: Path = CLONE) -> dict[str, str]:
        return os.environ | {"XDG_CACHE_HOME": str(self.home), "PYTHONPATH": str(clone)}

    def up(self) -> str:
        done = self.python("embedded.up()")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def down(self) -> None:
        done = self.python("embedded.down()")
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *argv: str) -> str:
        return subprocess.run([*self.prefix, *argv], capture_output=True, text=True, check=True).stdout

    def kube(self) -> Kube:
        """kubectl in the default namespace of this cluster."""
        kubeconfig = self.cache / "cluster" / "admin.kubeconfig"
        return Kube(
            kubectl=tools.ensure("kubectl"), kubeconfig=kubeconfig, namespace="default", prefix=self.prefix
        )

    def push(self, image: images.Packed) -> str:
        """Pushes it to this cluster's registry; answers its reference."""
        packed = self.home / "packed.json"
        packed.write_text(json.dumps([part.hex() for part in (image.layer, image.config, image.manifest)]))
        code = textwrap.dedent(f"""
            import json, pathlib
            from local import images
            parts = map(bytes.fromhex, json.loads(pathlib.Path({str(packed)!r}).read_text()))
            packed = images.Packed(**dict(zip(("layer", "config", "manifest"), parts)))
            images.push(packed, {addresses.REGISTRY!r}, "alys/probe", "1")
        """)
        pushed = self.python(f"exec({code!r})")
        assert pushed.returncode == 0, pushed.stderr
        return f"{addresses.REGISTRY}/alys/probe:1@{image.digest}"

    def supervisor(self) -> tuple[int, int]:
        """The cluster's first process and the one that holds its namespaces."""
        record = json.loads((self.cache / "cluster" / "supervisor.json").read_text())
        first, holder = (process["pid"] for process in record["processes"])
        return first, holder

    def component(self, name: str) -> int:
        """The process that runs a program of that name in this cluster; 0 for none."""
        return next((pid for pid in self.inside() if Path(words(pid)[0]).name == name), 0)

    def module(self, name: str) -> int:
        """The process that runs a Python module of that name in this cluster."""
        return next((pid for pid in self.inside() if words(pid)[1:] == ["-m", name]), 0)

    def inside(self) -> list[int]:
        """All processes of this cluster."""
        own = namespace(self.supervisor()[0], "pid")
        return [pid for pid in processes() if namespace(pid, "pid") == own]

    def additions(self) -> dict[int, list[str]]:
        """Processes among the cluster's mounts, but not in its own PID namespace."""
        first, holder = self.supervisor()
        mounts, own = namespace(first, "mnt"), namespace(first, "pid")
        return {
            pid: words(pid)
            for pid in processes()
            if pid != holder and namespace(pid, "mnt") == mounts and namespace(pid, "pid") != own
        }

    def processes(self) -> list[list[str]]:
        """Whatever runs in this machine's network or in one that its cluster made, the holder aside."""
        mine = namespace(self.holder, "net")
        return [
            words(pid)
            for pid in processes()
            if pid != self.holder
            and (namespace(pid, "net") == mine or str(self.cache) in " ".join(words(pid)))
        ]


@contextmanager
def sandbox(home: Path) -> Iterator[Sandbox]:
    """Tools and packages are this machine's own; everything else is new, and gone at the end."""
    shared = cache.root()
    (home / "alys-release").mkdir(parents=True)
    for folder in (shared / "tools", shared / "debian"):
        folder.mkdir(parents=True, exist_ok=True)
        (home / "alys-release" / folder.name).symlink_to(folder)
    holder = subprocess.Popen(["unshare", "--net", "--", "sleep", "infinity"])
    machine = Sandbox(home=home, holder=holder.pid)
    try:
        while namespace(holder.pid, "net") == namespace(os.getpid(), "net"):
            assert holder.poll() is None
        machine.run("ip", "link", "set", "lo", "up")
        yield machine
    finally:
        machine.python("embedded.down()")
        holder.send_signal(signal.SIGKILL)
        holder.wait()


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def namespace(pid: int, kind: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/{kind}").readlink())
    except OSError:
        return ""


def words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return [""]
