"""A registry that wants to know who asks: the one of this machine, behind a password. A stand-in for GHCR.

python locked_registry.py PORT USER PASSWORD    listens on the loopback of whatever network it is run in
"""

import base64
import http.client
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEHIND = ("127.0.0.1", 5055)
_SAID = ("Content-Type", "Docker-Content-Digest", "Content-Length")


class Locked(BaseHTTPRequestHandler):
    """Passes on what comes with the password."""

    protocol_version = "HTTP/1.1"
    wanted = ""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.headers.get("Authorization") != self.wanted:
            self.send_response(HTTPStatus.UNAUTHORIZED)
            self.send_header("WWW-Authenticate", 'Basic realm="locked"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        behind = http.client.HTTPConnection(*BEHIND)
        behind.request(self.command, self.path, headers={"Accept": self.headers.get("Accept", "*/*")})
        found = behind.getresponse()
        self.send_response(found.status)
        for name in _SAID:
            if value := found.headers.get(name):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(found.read())
        behind.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    port, user, password = sys.argv[1:]
    Locked.wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Locked) as server:
        print("ready", flush=True)
        server.serve_forever()
