"""The programs that the house needs: found on PATH when they fit, else built from published Go modules."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local import cache, progress, versions
from local.errors import LocalError

BUILD = Path(__file__).parent / "build"


@dataclass(frozen=True, kw_only=True)
class Module:
    """A Go module; `build/<name>/go.mod` is the one home of its version."""

    name: str
    module: str

    @property
    def version(self) -> str:
        """With its `v`."""
        pattern = rf"^\s*(?:require )?{re.escape(self.module)} (v\S+)"
        found = re.search(pattern, (BUILD / self.name / "go.mod").read_text(), re.MULTILINE)
        if found is None:
            raise LocalError(f"{BUILD / self.name / 'go.mod'} requires no {self.module}")
        return found[1]

    @property
    def folder(self) -> str:
        """Its name in the cache."""
        return f"{self.name}-{self.version}"


@dataclass(frozen=True, kw_only=True)
class Tool(Module):
    """A Go module whose commands are built here."""

    # Binary to Go package.
    packages: dict[str, str]
    # `{version}` is the module's version, with its `v`.
    stamps: tuple[str, ...] = ()
    about: str

    def linker_flags(self) -> str:
        """What stamps the version into the binaries."""
        major, minor, _ = self.version.lstrip("v").split(".", 2)
        stamps = [
            f"-X {stamp.format(version=self.version, major=major, minor=minor)}" for stamp in self.stamps
        ]
        return " ".join(["-s -w", *stamps])


KUBERNETES = Tool(
    name="kubernetes",
    module="k8s.io/kubernetes",
    packages={
        name: f"k8s.io/kubernetes/cmd/{name}"
        for name in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-proxy",
            "kube-scheduler",
            "kubectl",
            "kubelet",
        )
    },
    stamps=(
        "k8s.io/component-base/version.gitVersion={version}",
        "k8s.io/component-base/version.gitMajor={major}",
        "k8s.io/component-base/version.gitMinor={minor}",
        "k8s.io/client-go/pkg/version.gitVersion={version}",
    ),
    about="5 min",
)
COREDNS = Tool(
    name="coredns",
    module="github.com/coredns/coredns",
    packages={"coredns": "github.com/coredns/coredns"},
    about="2 min",
)
PULUMI = Tool(
    name="pulumi",
    module="github.com/pulumi/pulumi/pkg/v3",
    packages={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
    # Unstamped, the Automation API refuses it.
    stamps=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}",),
    about="5 min",
)
HELM = Tool(
    name="helm",
    module="helm.sh/helm/v3",
    packages={"helm": "helm.sh/helm/v3/cmd/helm"},
    stamps=("helm.sh/helm/v3/internal/version.version={version}",),
    about="2 min",
)
KUBE_SCORE = Tool(
    name="kube-score",
    module="github.com/zegl/kube-score",
    packages={"kube-score": "github.com/zegl/kube-score/cmd/kube-score"},
    about="1 min",
)
ACTIONLINT = Tool(
    name="actionlint",
    module="github.com/rhysd/actionlint",
    packages={"actionlint": "github.com/rhysd/actionlint/cmd/actionlint"},
    about="1 min",
)
TOOLS = {
    binary: tool
    for tool in (KUBERNETES, COREDNS, PULUMI, HELM, KUBE_SCORE, ACTIONLINT)
    for binary in tool.packages
}
# What people have installed themselves, and use, if it fits.
USERS = ("pulumi", "helm", "kubectl")


def ensure(name: str) -> Path:
    """The program's path; builds it first where it can be neither found nor taken from the cache."""
    found = on_path(name)
    return found or built([name])[name]


def on_path(name: str) -> Path | None:
    """The user's own program, unless its version does not fit."""
    return (
        next((path for path in _candidates(name) if versions.fits(name, path, KUBERNETES.version)), None)
        if name in USERS
        else None
    )


def built(names: Sequence[str]) -> dict[str, Path]:
    """Programs of one tool, out of the cache or built into it."""
    tool = TOOLS[names[0]]
    target = cache.tools() / tool.folder
    paths = {name: target / name for name in names}
    if all(path.exists() for path in paths.values()):
        return paths
    with cache.lock(f"build-{tool.name}"):
        if missing := [name for name, path in paths.items() if not path.exists()]:
            _build(tool, missing, target)
    return paths


def _build(tool: Tool, names: list[str], target: Path) -> None:
    require_go(BUILD / tool.name)
    target.mkdir(parents=True, exist_ok=True)
    what = tool.name if len(names) == len(tool.packages) else ", ".join(names)
    with (
        tempfile.TemporaryDirectory(dir=target, prefix=".build-") as work,
        progress.step(f"building {what} {tool.version} from source", f"{tool.about} on two cores"),
    ):
        packages = [tool.packages[name] for name in names]
        go(["build", "-o", f"{work}/", "-ldflags", tool.linker_flags(), *packages], BUILD / tool.name)
        for name in names:
            # Whole or not at all: others look into this folder without a lock.
            (Path(work) / name).replace(target / name)


def go(arguments: Sequence[str], folder: Path) -> str:
    """What `go` prints, run for a static binary; its last words are the error's text."""
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    done = subprocess.run(
        ["go", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        # With `-json` it complains on its standard output.
        last = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-12:])
        raise LocalError(f"`go {arguments[0]}` in {folder} failed:\n{last}")
    return done.stdout


def require_go(folder: Path) -> None:
    """Refuses when Go is missing, or older than the module wants and unable to fetch its successor."""
    wanted = re.search(r"^go (\S+)", (folder / "go.mod").read_text(), re.MULTILINE)
    version = wanted[1] if wanted else "1.26"
    remedy = f"Install Go {version} or newer (https://go.dev/dl) and put it on PATH"
    if shutil.which("go") is None:
        raise LocalError(f"building {folder.name} needs Go, and there is no `go` on PATH. {remedy}")
    done = subprocess.run(["go", "version"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError(f"the Go on PATH is too old to build {folder.name}: {done.stderr.strip()}. {remedy}")


def _candidates(name: str) -> list[Path]:
    """Everything of that name on PATH, but not the links that a clone's own environment made."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder]
    found = [folder / name for folder in folders if not _is_a_clones(folder)]
    return [path for path in found if path.is_file() and os.access(path, os.X_OK)]


def _is_a_clones(folder: Path) -> bool:
    """Whether this is a clone's `.local/bin`, and not a user's `~/.local/bin`."""
    return folder.parts[-2:] == (".local", "bin") and all(
        (folder.parent / f).exists() for f in ("env", "kubeconfig")
    )
