"""The client that counts failed requests."""

import http.server
import threading
import time

import pytest

from local.demo.client import Client


class _Node(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        body = b'{"version": "v1.0.0"}'
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Broken(_Node):
    status = 500


def asked(handler):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with Client(f"http://127.0.0.1:{server.server_port}") as client:
                deadline = time.monotonic() + 10
                tally = client.reading()
                while not tally.sent and time.monotonic() < deadline:
                    time.sleep(0.05)
                    tally = client.reading()
                return tally
        finally:
            server.shutdown()


def test_answers_are_counted_by_version():
    tally = asked(_Node)
    assert tally.failed == 0
    assert tally.versions == {"v1.0.0": tally.sent}


def test_an_answer_that_is_an_error_is_a_failed_request():
    tally = asked(_Broken)
    assert tally.failed == tally.sent > 0
    assert "answered 500" in tally.failures[0]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_refused_connection_is_a_failed_request():
    with Client("http://127.0.0.1:1") as client:
        time.sleep(0.3)
        tally = client.reading()
    assert tally.failed == tally.sent > 0
