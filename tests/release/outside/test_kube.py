"""The API server's answers, whatever they are: no one of them ends a run with a traceback."""

import pytest

from release.errors import ContactLostError
from release.outside.kube import Entrance, Gone, Kube

CONFIG = """
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: t}}]
"""


@pytest.fixture
def kube(monkeypatch):
    made = Kube(Entrance(kubeconfig=CONFIG))

    def answering(status, body):
        monkeypatch.setattr(made, "send", lambda *_, **__: (status, body))
        return made

    return answering


def test_what_is_not_there_is_a_contact_lost_and_none_where_that_is_asked(kube):
    gone = kube(404, b"")
    with pytest.raises(Gone) as caught:
        gone.get("/api/v1/pods/x")
    assert isinstance(caught.value, ContactLostError)
    assert "/api/v1/pods/x" in caught.value.what
    assert gone.find("/api/v1/pods/x") is None
    assert gone.items("/api/v1/pods") == []


def test_an_answer_that_is_no_json_is_a_contact_lost(kube):
    with pytest.raises(ContactLostError, match="no JSON"):
        kube(200, b"<html>a proxy's page").get("/version")


def test_an_error_is_said_in_the_servers_words(kube):
    with pytest.raises(ContactLostError, match="it answered 500: no leader"):
        kube(500, b'{"message": "no leader"}').get("/version")
