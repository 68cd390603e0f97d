"""Packages of npm in a folder of the cache, made once a lock file."""

import shutil
import subprocess
from pathlib import Path


def install(package: Path, folder: Path) -> None:
    """What `package` locks, installed into `folder`."""
    if shutil.which("npm") is None:
        raise AssertionError("npm is missing, and these tests need it: install Node.js 20 or newer")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(package / name, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
