"""The sample node's images: one binary for all versions, and an image's environment says which one it is."""

import os
import shutil
import subprocess
from pathlib import Path

from local import cache, images, progress
from local.cluster import addresses
from local.errors import LocalError

SOURCE = Path(__file__).resolve().parent.parent / "examples" / "node"
REPOSITORY = "alys/node"
# What the image's own Dockerfile says too.
PORT = 8080


def push(version: str, fault: str | None = None, registry: str | None = None) -> str:
    """Builds the node, unless that is done, and pushes it as `version`; answers the manifest's digest.

    `fault` is one of the node's own; `registry` is this machine's, unless the caller or `REGISTRY` says so.
    """
    where = registry or os.environ.get("REGISTRY") or addresses.REGISTRY
    return images.push(
        images.pack(image(build(), version, fault), os.uname().machine), where, REPOSITORY, version
    )


def image(binary: Path, version: str, fault: str | None = None) -> images.Image:
    """The image of one version."""
    env = {"ALYS_VERSION": version} | ({"ALYS_FAULT": fault} if fault else {})
    labels = {
        "org.opencontainers.image.title": "alys-node",
        "org.opencontainers.image.version": version,
    }
    return images.Image(
        binary=binary, entrypoint=("/alys-node",), arguments=("run",), env=env, labels=labels, ports=(PORT,)
    )


def build() -> Path:
    """The static binary, kept in the cache under a name that changes with the source."""
    target = cache.tools() / f"alys-node-{images.digest(_source())[7:19]}" / "alys-node"
    with cache.lock("node"):
        if not target.exists():
            with progress.step("building the sample node", "1 min on two cores"):
                _cargo(target)
    return target


def _source() -> bytes:
    """All that decides what comes out: the sources, the locked dependencies and the compiler."""
    return b"\0".join([_rustc().encode(), *(file.read_bytes() for file in _files())])


def _files() -> list[Path]:
    return [SOURCE / "Cargo.toml", SOURCE / "Cargo.lock", *sorted((SOURCE / "src").rglob("*.rs"))]


def _rustc() -> str:
    if shutil.which("cargo") is None or shutil.which("rustc") is None:
        raise LocalError(
            "building the sample node needs Rust, and there is no `cargo` on PATH: https://rustup.rs"
        )
    return _run(["rustc", "--version", "--verbose"], {})


def _cargo(target: Path) -> None:
    triple = f"{os.uname().machine}-unknown-linux-gnu"
    folder = os.environ.get("CARGO_TARGET_DIR") or str(cache.root() / "cargo-target")
    # Clones share the folder, and cargo tells by time alone: another's later build would be taken for ours.
    for file in _files():
        file.touch()
    # Static, because the image holds nothing else.
    environment = {"RUSTFLAGS": "-C target-feature=+crt-static", "CARGO_TARGET_DIR": folder}
    _run(["cargo", "build", "--quiet", "--locked", "--release", "--target", triple], environment)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(".alys-node")
    shutil.copy(Path(folder) / triple / "release" / "alys-node", fresh)
    fresh.replace(target)


def _run(argv: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        argv, cwd=SOURCE, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise LocalError(f"`{' '.join(argv[:2])}` in {SOURCE} failed:\n{last}")
    return done.stdout
