"""Every Mermaid picture in the documents, read by Mermaid itself."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local import cache
from tests import npm

HERE = Path(__file__).parent / "mermaid"
CLONE = Path(__file__).parents[2]
DONE = "installed"


@pytest.fixture(scope="module")
def wrong():
    """What is wrong with each of some pictures; nothing with a good one."""
    files = [HERE / "package-lock.json", HERE / "parse.mjs"]
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    folder = cache.root() / f"mermaid-{key}"
    with cache.lock("mermaid"):
        if not (folder / DONE).exists():
            npm.install(HERE, folder)
            shutil.copy(HERE / "parse.mjs", folder)
            (folder / DONE).touch()

    def _wrong(*pictures):
        done = subprocess.run(
            ["node", str(folder / "parse.mjs")],
            input=json.dumps(pictures),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return _wrong


def test_every_picture_can_be_drawn(wrong):
    pages = [CLONE / "README.md", *sorted((CLONE / "docs").rglob("*.md"))]
    found = {
        f"{page.relative_to(CLONE)}: {picture[:80]}": picture
        for page in pages
        for picture in re.findall(r"```mermaid\n(.*?)```", page.read_text(), re.DOTALL)
    }
    assert found
    said = dict(zip(found, wrong(*found.values()), strict=True))
    assert {name: why for name, why in said.items() if why} == {}


def test_a_picture_that_can_not_be_drawn_is_noticed(wrong):
    good, bad = wrong('flowchart LR\n  a["b"]', 'flowchart LR\n  a["b"')
    assert (good, bad[:18]) == ("", "Error: Parse error")
