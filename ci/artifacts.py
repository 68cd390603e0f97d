"""The binaries of a release build, each under a name of its own, with their checksums."""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ci.report import Refusal, main, summary, table

SUMS = "SHA256SUMS"


def binaries(metadata: dict[str, Any]) -> list[str]:
    """The programs that the workspace's own packages build."""
    members = set(metadata["workspace_members"])
    return sorted(
        target["name"]
        for package in metadata["packages"]
        if package["id"] in members
        for target in package["targets"]
        if "bin" in target["kind"]
    )


def host(verbose_version: str) -> str:
    """The compiler's own triple, from `rustc -vV`."""
    found = re.search(r"^host: (\S+)$", verbose_version, re.MULTILINE)
    if found is None:
        raise Refusal("`rustc -vV` names no host")
    return found[1]


def gather(names: list[str], built: Path, triple: str, into: Path) -> list[tuple[str, str]]:
    """Copy them to `into` as NAME-TRIPLE and write the checksums that `sha256sum -c` reads."""
    if missing := [name for name in names if not (built / name).is_file()]:
        raise Refusal(f"the build left no {', '.join(missing)} in {built}")
    if not names:
        raise Refusal("the workspace builds no program, so there is nothing to hand on")
    into.mkdir(parents=True, exist_ok=True)
    sums: list[tuple[str, str]] = []
    for name in names:
        copy = into / f"{name}-{triple}"
        shutil.copy2(built / name, copy)
        sums.append((copy.name, hashlib.sha256(copy.read_bytes()).hexdigest()))
    (into / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums))
    return sums


def collect() -> None:
    """`python3 -m ci.artifacts --into DIST`, in a workspace that `cargo build --release` has built."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.artifacts", description=__doc__)
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    metadata = json.loads(_said("cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"))
    built = Path(metadata["target_directory"]) / "release"
    sums = gather(binaries(metadata), built, host(_said("rustc", "-vV")), arguments.into)
    summary(table(("file", "sha256"), list(sums)))
    for name, digest in sums:
        print(f"{digest}  {name}")


def _said(*argv: str) -> str:
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    main(collect)
