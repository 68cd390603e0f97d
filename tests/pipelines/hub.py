"""A repository on GitHub, as far as the delivery pipelines ask: files on branches, runs, issues, messages.

What it is asked in which form is held to GitHub's own description in tests/github_api. Deployments are the
demo's.
"""

import base64
import hashlib
import json
import re
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.demo.hub import Deployment, Hub, Refusal, State

REPOSITORY = "alys/alys-release"
BOT = {"login": "github-actions[bot]", "type": "Bot"}


@dataclass(kw_only=True)
class Repository:
    """Everything that a test sets and looks at."""

    url: str = ""
    files: dict[str, dict[str, str]] = field(default_factory=lambda: {"main": {}})
    """Texts by branch and name."""
    commits: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    came_by: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Pull requests that each commit came by."""
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Jobs by run."""
    paths: dict[int, str] = field(default_factory=dict)
    """Workflow files by run, where they are not just any."""
    told: list[str] = field(default_factory=list)
    """`17/cancel`, in order."""
    on_cancel: Callable[[], None] = lambda: None
    stubborn: bool = False
    """Runs go on although they were told to end."""
    no_pull_requests: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    recorded: list[Any] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_API_URL": self.url}

    @property
    def deployments(self) -> list[Deployment]:
        return [one for one in self.recorded if isinstance(one, Deployment)]

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.recorded if isinstance(one, State)]

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        """Status and answer to what is asked at a path below the repository."""
        for verb, pattern, reply in self._replies():
            if verb == method and (found := re.fullmatch(pattern, path)):
                return reply(*found.groups(), query, body)
        return 404, {"message": f"Not Found: {method} {path}"}

    def _replies(self) -> list[tuple[str, str, Callable[..., tuple[int, Any]]]]:
        return [
            ("GET", r"contents/(.+)", self._read),
            ("PUT", r"contents/(.+)", self._write),
            ("GET", r"git/ref/heads/(.+)", self._branch),
            ("POST", r"git/refs", self._make_branch),
            ("POST", r"pulls", self._open_pull),
            ("GET", r"commits/(\w+)/pulls", lambda commit, *_: (200, self.came_by.get(commit, []))),
            ("GET", r"actions/runs", self._list_runs),
            ("GET", r"actions/runs/(\d+)/jobs", lambda run, *_: (200, {"jobs": self.runs[int(run)]})),
            ("POST", r"actions/runs/(\d+)/([a-z-]+)", self._cancel),
            ("GET", r"issues", lambda *_: (200, [one for one in self.issues if one["state"] == "open"])),
            ("POST", r"issues", self._open_issue),
            ("PATCH", r"issues/(\d+)", lambda n, _, body: self._change(self.issues[int(n) - 1], body)),
            ("GET", r"issues/(\d+)/comments", self._list_comments),
            ("POST", r"issues/(\d+)/comments", self._comment),
            ("PATCH", r"issues/comments/(\d+)", lambda n, _, body: self._change(self.comments[int(n)], body)),
        ]

    def _read(self, name: str, query: dict[str, str], _: Any) -> tuple[int, Any]:
        text = self.files[query["ref"]][name]
        return 200, {"content": base64.encodebytes(text.encode()).decode(), "sha": blob(text)}

    def _write(self, name: str, _: Any, body: dict[str, Any]) -> tuple[int, Any]:
        held = self.files[body["branch"]]
        if body["sha"] != blob(held[name]):
            return 409, {"message": f"{name} does not match {body['sha']}"}
        held[name] = base64.b64decode(body["content"]).decode()
        self.commits.append(body)
        return 200, {"commit": {"sha": "d" * 40}}

    def _branch(self, name: str, *_: Any) -> tuple[int, Any]:
        return (200, {"object": {"sha": "c" * 40}}) if name in self.files else (404, {})

    def _make_branch(self, _: Any, body: dict[str, Any]) -> tuple[int, Any]:
        branch = body["ref"].removeprefix("refs/heads/")
        if branch in self.files:
            return 422, {"message": "Reference already exists"}
        self.files[branch] = dict(self.files["main"])
        return 201, {"ref": body["ref"]}

    def _open_pull(self, _: Any, body: dict[str, Any]) -> tuple[int, Any]:
        if self.no_pull_requests:
            return 403, {"message": "GitHub Actions is not permitted to create pull requests."}
        self.pulls.append(body)
        return 201, {"html_url": f"https://github.com/{REPOSITORY}/pull/{len(self.pulls)}"}

    def _list_runs(self, query: dict[str, str], _: Any) -> tuple[int, Any]:
        found = [one for one, jobs in self.runs.items() if query["status"] in {job["status"] for job in jobs}]
        return 200, {"workflow_runs": [{"id": one, "path": self.paths.get(one, "x.yml")} for one in found]}

    def _cancel(self, run: str, how: str, *_: Any) -> tuple[int, Any]:
        self.told.append(f"{run}/{how}")
        if not self.stubborn or how == "force-cancel":
            self.end_run(int(run))
        self.on_cancel()
        return 202, {}

    def _open_issue(self, _: Any, body: dict[str, Any]) -> tuple[int, Any]:
        self.issues.append(body | {"number": len(self.issues) + 1, "state": "open"})
        return 201, self.issues[-1]

    def _list_comments(self, issue: str, query: dict[str, str], _: Any) -> tuple[int, Any]:
        found = [one for one in self.comments if one["issue"] == issue]
        size, page = int(query["per_page"]), int(query["page"])
        return 200, found[size * (page - 1) : size * page]

    def _comment(self, issue: str, _: Any, body: dict[str, Any]) -> tuple[int, Any]:
        self.say(issue, body["body"])
        return 201, self.comments[-1]

    @staticmethod
    def _change(what: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        what |= body
        return 200, what

    def end_run(self, run: int) -> None:
        self.runs[run] = [job | {"status": "completed"} for job in self.runs[run]]

    def say(self, issue: str, text: str, user: dict[str, str] = BOT) -> None:
        number = len(self.comments)
        url = f"https://github.com/{REPOSITORY}/pull/{issue}#{number}"
        self.comments.append({"id": number, "issue": issue, "body": text, "user": user, "html_url": url})


def blob(text: str) -> str:
    """As git names a text."""
    return hashlib.sha1(f"blob {len(text.encode())}\0{text}".encode()).hexdigest()  # noqa: S324


@contextmanager
def serving() -> Iterator[Repository]:
    """A repository at an address of this machine."""
    repository = Repository()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self):
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else {}
            asked = urllib.parse.urlsplit(self.path)
            words = [urllib.parse.unquote(word) for word in asked.path.strip("/").split("/")]
            with turn:
                status, answer = reply(self.command, words, dict(urllib.parse.parse_qsl(asked.query)), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = _any  # noqa: N815

        def log_message(self, *_):
            """What was asked is seen in the repository."""

    def reply(method, words, query, body):
        if words == [""]:
            repository.messages.append(body)
            return 200, {}
        if words[3:4] == ["deployments"]:
            try:
                return deployments.answer(method, words, query, body)
            except Refusal as refusal:
                return refusal.status, {"message": str(refusal)}
        return repository.answer(method, "/".join(words[3:]), query, body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    repository.url = f"http://127.0.0.1:{server.server_address[1]}"
    deployments, turn = Hub(url=repository.url, received=repository.recorded), threading.Lock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield repository
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
