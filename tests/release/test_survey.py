"""What is seen of a stack before anything is done, over HTTP against moto, a stand-in for S3."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from release import survey
from release.errors import ContactLostError
from release.locking.locks import Owner
from release.outside.stack import Stack
from release.outside.state import State


@pytest.fixture
def stack(s3, monkeypatch):
    """One whose backend is the bucket, and whose CLI has nothing to tell."""
    monkeypatch.setattr(Stack, "history", lambda _: ())
    monkeypatch.setattr(Stack, "state", lambda _: State(deployment={}))
    return Stack(name="local", folder=Path(), environment={"PULUMI_BACKEND_URL": s3.backend()})


def hold(s3, name, *, host, pid=4711):
    content = {"pid": pid, "username": "ada", "hostname": host, "timestamp": datetime.now(UTC).isoformat()}
    s3.put(f".pulumi/locks/organization/alys/local/{name}.json", json.dumps(content).encode())


def look(stack):
    return survey.take(stack, SimpleNamespace(release=None))


def test_a_lock_in_a_bucket_is_judged_as_one_in_a_folder_is(s3, stack):
    hold(s3, "1", host="runner-1")
    hold(s3, "2", host=socket.gethostname(), pid=os.getpid())
    hold(s3, "3", host=socket.gethostname(), pid=2**22 + 1)
    seen = look(stack)
    assert list(seen.locks.values()) == [Owner.FOREIGN, Owner.OWN, Owner.DEAD]
    assert [lock.pid for lock in seen.dead_locks] == [2**22 + 1]
    assert (seen.locks_hidden, seen.sees_locks) == (None, True)


def test_a_bucket_that_can_t_be_read_hides_the_locks_and_nothing_else(s3, stack):
    s3.client("s3").delete_bucket(Bucket=s3.bucket)
    seen = look(stack)
    assert (seen.locks, seen.leftovers) == ({}, ())
    assert "NoSuchBucket" in seen.locks_hidden.what
    with pytest.raises(ContactLostError):
        survey.judged(stack)


@pytest.mark.parametrize("backend", ["https://api.pulumi.com", "gs://state", ""])
def test_another_backend_shows_no_locks(backend, tmp_path, monkeypatch):
    environment = {"PULUMI_BACKEND_URL": backend, "PULUMI_HOME": str(tmp_path)}
    stack = Stack(name="local", folder=Path(), environment=environment)
    assert survey.judged(stack) is None
    monkeypatch.setattr(Stack, "history", lambda _: ())
    monkeypatch.setattr(Stack, "state", lambda _: State(deployment={}))
    assert not look(stack).sees_locks
