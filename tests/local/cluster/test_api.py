import json

import pytest

from local.cluster import api
from local.cluster.api import Api, ApiError, accepted


class FakeConnection:
    """A connection that keeps what it was asked, and gives one answer; a fake."""

    def __init__(self, status, text):
        self.status, self.text, self.asked = status, text, []

    def request(self, method, path, body, headers):
        self.asked.append((method, path, body, headers["Content-Type"]))

    def getresponse(self):
        return self

    def read(self):
        return self.text.encode()

    def close(self):
        pass


class FakeServed(Api):
    """A client of a fake connection's."""

    def __init__(self, connection):
        self._seconds, self.connection = 1, connection

    def _connection(self, seconds):
        return self.connection


def served(status=200, text="{}"):
    connection = FakeConnection(status, text)
    return connection, FakeServed(connection)


def test_an_object_is_posted_as_json():
    connection, client = served(text='{"kind": "Pod"}')
    assert client.post("/pods", {"name": "ä"}) == {"kind": "Pod"}
    ((method, path, body, kind),) = connection.asked
    assert (method, path, json.loads(body), kind) == ("POST", "/pods", {"name": "ä"}, api.KIND)


def test_yaml_is_posted_as_it_is():
    """In UTF-8; the vendor's definitions have typographic quotes."""
    connection, client = served()
    client.post_yaml("/definitions", "description: “bound”\n")
    assert connection.asked == [
        ("POST", "/definitions", "description: “bound”\n".encode(), "application/yaml")
    ]


def test_a_patch_is_merged():
    connection, client = served(text='{"status": {}}')
    assert client.patch("/pods/one/status", {"status": {"error": None}}) == {"status": {}}
    ((method, _, body, kind),) = connection.asked
    assert (method, json.loads(body), kind) == (
        "PATCH",
        {"status": {"error": None}},
        "application/merge-patch+json",
    )


def test_what_has_no_body_sends_none():
    connection, client = served()
    client.get("/pods")
    client.delete("/pods/one")
    assert [body for _, _, body, _ in connection.asked] == [None, None]


def test_a_refusal_has_the_servers_words():
    _, client = served(status=403, text="not you")
    with pytest.raises(ApiError, match="403: not you"):
        client.get("/pods")


def test_refusals_that_are_accepted_pass_and_no_others():
    with accepted(404, 409):
        raise ApiError(409, "is there already")
    with pytest.raises(ApiError, match="403"), accepted(404, 409):
        raise ApiError(403, "not you")
