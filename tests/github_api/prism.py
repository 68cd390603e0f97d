"""GitHub's REST API as GitHub describes it, served by Prism on this machine."""

import hashlib
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from local import cache
from tests import npm

HERE = Path(__file__).parent
PATHS = (
    "/orgs/{org}/teams/{team_slug}",
    "/users/{username}",
    "/repos/{owner}/{repo}",
    "/orgs/{org}/packages/{package_type}/{package_name}",
    "/repos/{owner}/{repo}/actions/runs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    "/repos/{owner}/{repo}/attestations/{subject_digest}",
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    "/repos/{owner}/{repo}/contents/{path}",
    "/repos/{owner}/{repo}/deployments",
    "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "/repos/{owner}/{repo}/git/ref/{ref}",
    "/repos/{owner}/{repo}/git/refs",
    "/repos/{owner}/{repo}/issues",
    "/repos/{owner}/{repo}/issues/{issue_number}",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/pulls",
)
METHODS = {"get", "patch", "post", "put"}
"""What the checks, the driver and the pipelines ask; the whole description takes Prism a minute to read."""


def installed() -> Path:
    """A folder with Prism and the part of the description that is asked for, made once a lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    key = hashlib.sha256(lock + repr((PATHS, sorted(METHODS))).encode()).hexdigest()[:12]
    folder = cache.root() / f"github-api-{key}"
    with cache.lock("github-api"):
        if not (folder / "api.json").exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    npm.install(HERE, folder)
    package = folder / "node_modules" / "@octokit" / "openapi"
    described = json.loads((package / "generated" / "api.github.com.deref.json").read_text())
    asked = {
        path: {name: said for name, said in described["paths"][path].items() if name in METHODS}
        for path in PATHS
    }
    shutil.rmtree(package)  # 400 MB that have served
    part = {"openapi": described["openapi"], "info": described["info"], "paths": asked}
    (folder / "api.json").write_text(json.dumps(part))


def served() -> AbstractContextManager[str]:
    """The address of a GitHub that answers with its own examples, and refuses what it doesn't describe."""
    return _running("mock")


def between(upstream: str) -> AbstractContextManager[str]:
    """The address of one who passes everything on, and answers 500 where either side isn't as described."""
    return _running("proxy", "--errors", upstream=upstream)


@contextmanager
def _running(*verb: str, upstream: str | None = None) -> Iterator[str]:
    folder = installed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = folder / "node_modules" / ".bin" / "prism"
    process = subprocess.Popen(
        [str(program), *verb, "--host", "127.0.0.1", "--port", str(port), str(folder / "api.json")]
        + ([upstream] if upstream else []),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        while not any("is listening" in line for line in said[-1:]):
            line = process.stdout.readline()
            assert line, f"Prism ended: {''.join(said)}"
            said.append(line)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
