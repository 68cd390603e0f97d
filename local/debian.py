"""Parts from Debian's archive, unpacked beside the caches: nothing is installed, no service starts."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from local import cache, progress
from local.errors import LocalError

PACKAGES = (
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "docker-registry",
    "etcd-server",
    "iproute2",
    "iptables",
    "prometheus",
    "runc",
    "valgrind",
)
REMEDY = (
    "The embedded cluster takes containerd, etcd and others from Debian's archive. Where there is none, "
    "start Docker and install kind, or hand a cluster in: KUBECONTEXT=name REGISTRY=host/path make cluster"
)


def ensure() -> Path:
    """The folder that holds the unpacked packages, fetched once a machine."""
    target = cache.debian() / _fingerprint()
    with cache.lock("debian"):
        if not target.exists():
            with progress.step("fetching containerd, etcd and others from Debian's archive", "30 s"):
                _unpack(target)
    return target


def environment(root: Path, iptables: str = "nft") -> dict[str, str]:
    """The variables with which the unpacked programs find each other, their libraries and an `iptables`."""
    programs = [f"links-{iptables}", "usr/sbin", "usr/bin", "sbin", "bin"]
    path = [str(root / folder) for folder in programs]
    path += ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    libraries = [str(folder) for folder in _library_folders(root)]
    plugins = [str(folder / "xtables") for folder in _library_folders(root) if (folder / "xtables").is_dir()]
    return {
        "PATH": ":".join(path),
        "LD_LIBRARY_PATH": ":".join(libraries),
        "XTABLES_LIBDIR": ":".join(plugins),
    }


def missing_libraries(root: Path) -> list[str]:
    """Lines of `ldd` about libraries that neither the machine nor the packages have."""
    missing: list[str] = []
    for program in sorted(root.rglob("*")):
        if not program.is_file() or program.is_symlink() or not os.access(program, os.X_OK):
            continue
        listing = _run(["ldd", str(program)], env=os.environ | environment(root), check=False)
        missing += [f"{program.name}: {line.strip()}" for line in listing.splitlines() if "not found" in line]
    return missing


def _fingerprint() -> str:
    release = Path("/etc/os-release")
    said = release.read_text() if release.exists() else ""
    return hashlib.sha256("\n".join([*PACKAGES, os.uname().machine, said]).encode()).hexdigest()[:12]


def _library_folders(root: Path) -> list[Path]:
    return sorted([*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*")])


def _unpack(target: Path) -> None:
    for command in ("apt-get", "apt-cache", "dpkg"):
        if shutil.which(command) is None:
            raise LocalError(f"{command} is missing on this machine. {REMEDY}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        packages, root = Path(work) / "packages", Path(work) / "root"
        packages.mkdir()
        _download([*PACKAGES, *_libraries()], packages)
        for package in sorted(packages.glob("*.deb")):
            _run(["dpkg", "-x", str(package), str(root)])
        _link_iptables(root)
        if missing := missing_libraries(root):
            raise LocalError(
                f"libraries are missing: {'; '.join(missing)}. Install them with apt-get, or {REMEDY}"
            )
        root.chmod(0o755)
        root.rename(target)


def _libraries() -> list[str]:
    """The shared libraries that the packages want and the machine lacks."""
    options = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances", "pre-depends"]
    closure = _run(["apt-cache", "depends", "--recurse", *(f"--no-{o}" for o in options), *PACKAGES])
    wanted = {line for line in closure.splitlines() if line.startswith("lib") and ":" not in line}
    have = set(
        _run(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]).splitlines()
    )
    return sorted(name for name in wanted if f"{name} installed" not in have and "perl" not in name)


def _download(packages: list[str], folder: Path) -> None:
    argv = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *packages]
    first = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if first.returncode == 0:
        return
    _run(["apt-get", "update", "-qq"])
    _run(argv, cwd=folder)


def _link_iptables(root: Path) -> None:
    """Names that Debian makes on installation, once for each of the two kinds of tables a kernel may have."""
    for variant in ("nft", "legacy"):
        folder = root / f"links-{variant}"
        folder.mkdir()
        for name in ("iptables", "ip6tables"):
            for suffix in ("", "-save", "-restore"):
                (folder / f"{name}{suffix}").symlink_to(f"../usr/sbin/xtables-{variant}-multi")


def _run(
    argv: list[str], cwd: Path | None = None, env: dict[str, str] | None = None, *, check: bool = True
) -> str:
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LocalError(f"`{' '.join(argv)}` said: {done.stderr.strip()}\n{REMEDY}")
    return done.stdout
