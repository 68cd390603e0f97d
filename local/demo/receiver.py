"""Takes the messages and GitHub deployments that a driver sends; a stand-in that says it is one."""

import json
import threading
import urllib.parse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from local.demo.hub import NAME, Deployment, Hub, Refusal, State

ADDRESS = "127.0.0.1"
REPOSITORY = "alys/alys"


@dataclass(frozen=True, kw_only=True)
class Message:
    """What apprise's `json://` sends."""

    title: str
    body: str
    mood: str
    """`info`, `success`, `warning` or `failure`."""


@dataclass(kw_only=True)
class Receiver:
    """Where to send to, and what has come."""

    port: int
    received: list[Message | Deployment | State] = field(default_factory=list[Message | Deployment | State])
    """In the order of arrival."""

    @property
    def channel(self) -> str:
        """For `ALYS_NOTIFY`."""
        return f"json://{ADDRESS}:{self.port}/"

    @property
    def github(self) -> str:
        """In place of `https://api.github.com`."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a driver sends everything here; a real token stays out of it."""
        return {
            "ALYS_NOTIFY": self.channel,
            "GITHUB_API_URL": self.github,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": NAME,
        }

    @property
    def messages(self) -> list[Message]:
        """Those to channels."""
        return [one for one in self.received if isinstance(one, Message)]

    @property
    def deployments(self) -> list[Deployment]:
        """Those that were created, the oldest first."""
        return [one for one in self.received if isinstance(one, Deployment)]

    def states(self, deployment: int) -> list[State]:
        """What was said of a deployment, the oldest first."""
        said = [one for one in self.received if isinstance(one, State)]
        return [one for one in said if one.deployment == deployment]


@contextmanager
def receiving(port: int = 0) -> Generator[Receiver]:
    """Listens on a free port, or on the one named, until the block ends."""
    server = _Server((ADDRESS, port), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.receiver = Receiver(port=self.server_address[1])
        self.hub = Hub(url=self.receiver.github, received=self.receiver.received)
        # Numbers and order are given once, whoever sends at the same time.
        self.turn = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if isinstance(body, dict):
            self._answer(cast("dict[str, Any]", body))
        else:
            self._send(HTTPStatus.BAD_REQUEST, {"message": "Problems parsing JSON"})

    def version_string(self) -> str:
        return NAME

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name above
        """The demo's table is the log."""

    def _answer(self, body: dict[str, Any]) -> None:
        server = cast("_Server", self.server)
        asked = urllib.parse.urlsplit(self.path)
        words = asked.path.strip("/").split("/")
        with server.turn:
            if words == [""] and self.command == "POST":
                server.receiver.received.append(_message(body))
                self._send(HTTPStatus.OK, {})
                return
            try:
                status, answer = server.hub.answer(
                    self.command, words, dict(urllib.parse.parse_qsl(asked.query)), body
                )
            except Refusal as refusal:
                status, answer = refusal.status, {"message": str(refusal), "documentation_url": NAME}
            self._send(status, answer)

    def _send(self, status: HTTPStatus, answer: object) -> None:
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _message(body: dict[str, Any]) -> Message:
    return Message(title=body.get("title", ""), body=body.get("message", ""), mood=body.get("type", ""))
