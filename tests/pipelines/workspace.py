"""A runner's workspace: the sample node as a repository of its own, and this repository beside it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.pipelines.workflows import ROOT

SAMPLE = ROOT / "examples" / "node"
HERE = ROOT / ".local" / "pipelines"
"""Workspaces that are kept, for cargo to know again what it has built."""
LEFT_BY_STEPS = ("coverage", "dist", "*.sarif", "chart.json", "*.proptest-regressions")


@dataclass(frozen=True)
class Workspace:
    """The folder that GitHub calls `github.workspace`."""

    root: Path

    @property
    def node(self) -> Path:
        return self.root / "node"

    @contextmanager
    def with_file(self, path: str, text: str) -> Iterator[None]:
        """The node with one more file in it."""
        file = self.node / path
        assert not file.exists(), f"{path} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        git(self.node, "add", "--all")
        try:
            yield
        finally:
            file.unlink()
            git(self.node, "add", "--all")

    @contextmanager
    def changed(self, path: str, old: str, new: str) -> Iterator[None]:
        """The node with another text in one of its files."""
        file = self.node / path
        text = file.read_text()
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)


def make(root: Path) -> Workspace:
    """A workspace with the node as it is now; what has not changed keeps its time, for cargo's sake."""
    workspace = bare(root)
    # The sample node's own tests read the phases, two folders above it.
    beside = root.parent / "migration"
    if not beside.exists():
        beside.symlink_to(ROOT / "migration")
    wanted = {
        Path(line) for line in git(SAMPLE, "ls-files", "--cached", "--others", "--exclude-standard").split()
    }
    wanted = {path for path in wanted if (SAMPLE / path).is_file()}
    for old in [path for path in workspace.node.rglob("*") if path.is_file()]:
        inside = old.relative_to(workspace.node)
        if inside not in wanted and inside.parts[0] != ".git":
            old.unlink()
    for path in wanted:
        _copy(SAMPLE / path, workspace.node / path)
    if not (workspace.node / ".git").exists():
        git(workspace.node, "init", "--quiet", "--initial-branch", "main")
        (workspace.node / ".git/info/exclude").write_text("\n".join(LEFT_BY_STEPS))
    commit(workspace.node, "the node as it is")
    return workspace


def bare(root: Path) -> Workspace:
    """A workspace whose node is an empty folder."""
    workspace = Workspace(root)
    workspace.node.mkdir(parents=True, exist_ok=True)
    link = root / "alys-release"
    if not link.exists():
        link.symlink_to(ROOT)
    return workspace


def own(workspace: Workspace, target: Path) -> None:
    """Make a folder to build in this clone's.

    Two clones of one workspace are the same to cargo: it would take for this one what the other has built.
    """
    target.mkdir(parents=True, exist_ok=True)
    owner = target / "built-from"
    if not owner.exists() or owner.read_text() != str(workspace.node):
        for path in workspace.node.rglob("*"):
            if path.is_file() and ".git" not in path.parts:
                path.touch()
        owner.write_text(str(workspace.node))


def commit(folder: Path, message: str) -> str:
    """Commit all that there is; the commit's name."""
    git(folder, "add", "--all")
    who = ["-c", "user.name=a test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    git(folder, *who, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
