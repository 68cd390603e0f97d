"""The folders of this machine that outlive a clone."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def root() -> Path:
    """The cache of this user: `$XDG_CACHE_HOME/alys-release`, after the XDG base directory specification."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "alys-release"


def tools() -> Path:
    return root() / "tools"


def debian() -> Path:
    return root() / "debian"


def images() -> Path:
    return root() / "images"


def cluster() -> Path:
    """Everything that belongs to the embedded cluster, and goes with it."""
    return root() / "cluster"


@contextmanager
def lock(name: str) -> Generator[None]:
    """One process a machine at a time; the kernel lets go when its holder dies."""
    root().mkdir(parents=True, exist_ok=True)
    with (root() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another run that holds {file.name}", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
