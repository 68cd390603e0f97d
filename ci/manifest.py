"""One image of several platforms, out of the digests that their builds left, under the names of the plan."""

import argparse
import json
import re
import subprocess
from pathlib import Path
from typing import Any, cast

from ci.report import Refusal, main, needed, output, summary, table

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digests(folder: Path, platforms: list[str]) -> list[str]:
    """What each platform's build wrote into `folder`/PLATFORM; refused unless there is one for each."""
    found: list[str] = []
    for platform in platforms:
        file = folder / platform
        text = file.read_text().strip() if file.is_file() else ""
        if not _DIGEST.fullmatch(text):
            raise Refusal(
                f"the build for {platform} left no digest ({text[:80]!r}): an image without it is none"
            )
        found.append(text)
    return found


def arguments(image: str, tags: list[str], of: list[str], into: Path) -> list[str]:
    """The command that makes it and writes its descriptor to a file."""
    named = [word for tag in tags for word in ("--tag", tag)]
    argv = ["docker", "buildx", "imagetools", "create", "--metadata-file", str(into), *named]
    return [*argv, *(f"{image}@{digest}" for digest in of)]


def digest(metadata: str) -> str:
    """The digest of what was made, from the file that it was written to."""
    content = cast("dict[str, Any]", json.loads(metadata))
    descriptor = cast("dict[str, Any]", content.get("containerimage.descriptor") or {})
    found = str(descriptor.get("digest", ""))
    if not _DIGEST.fullmatch(found):
        raise Refusal(f"docker wrote no digest of the image that it made: {metadata[:200]!r}")
    return found


def publish() -> None:
    """`python3 -m ci.manifest FOLDER PLATFORM ...`; IMAGE and TAGS in the environment, output `digest`."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.manifest", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("platforms", nargs="+")
    given = parser.parse_args()
    image, tags = needed("IMAGE"), needed("TAGS").split()
    file = given.folder / "metadata.json"
    done = subprocess.run(arguments(image, tags, digests(given.folder, given.platforms), file), check=False)
    if done.returncode:
        raise Refusal(f"docker could not make {image} out of its platforms; what it said stands above")
    made = digest(file.read_text())
    output("digest", made)
    summary(table(("image", "digest"), [(tag, made) for tag in tags]))
    summary(f"To pin it: `release deploy STACK {tags[0].rpartition(':')[2]}`")


if __name__ == "__main__":
    main(publish)
