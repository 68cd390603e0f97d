"""The locks of a backend in a bucket, over HTTP: against moto, a stand-in for S3."""

from datetime import UTC, datetime, timedelta

import pytest

from components.release_policies import Scope, boundary, preview_policy, release_policy
from components.state_section import backend_url
from release.errors import NotAllowedError
from release.locking import lock_objects
from release.outside import bucket
from sections.access import StateAccess
from sections.account import Account
from tests.cloud import ACCOUNT, STATE
from tests.release.locking.test_locks import CLI

FOLDER = ".pulumi/locks/organization/alys"


def read(s3, path="", *, stack="local"):
    return lock_objects.read(bucket.find(s3.backend(path)), project="alys", stack=stack)


@pytest.mark.parametrize("start", ["", "team/"])
def test_the_locks_of_a_stack_are_read_and_no_other_s(s3, start):
    s3.put(f"{start}{FOLDER}/local/1.json", CLI)
    s3.put(f"{start}{FOLDER}/local-2/2.json", CLI)
    s3.put(f"{start}.pulumi/stacks/alys/local.json", b"{}")
    (lock,) = read(s3, f"/{start}")
    assert (lock.pid, lock.user, lock.host) == (7139, "root", "vm")
    assert lock.path == f"s3://{s3.bucket}/{start}{FOLDER}/local/1.json"


@pytest.mark.parametrize(("content", "empty"), [(b"", True), (b"{}", False)])
def test_a_lock_that_names_nobody_is_as_old_as_its_object(s3, content, empty):
    s3.put(f"{FOLDER}/local/1.json", content)
    (lock,) = read(s3)
    assert (lock.pid, lock.empty) == (None, empty)
    assert abs(datetime.now(UTC) - lock.since) < timedelta(minutes=1)


def test_a_stack_that_was_never_locked_has_no_locks(s3):
    assert read(s3) == ()


def test_the_bucket_of_an_environment_is_found_by_the_url_that_its_program_tells():
    found = bucket.find(backend_url("alys-state-111111111111", "us-east-1"))
    assert found == bucket.Bucket(name="alys-state-111111111111", region="us-east-1")


@pytest.mark.parametrize("policy", [release_policy, preview_policy, boundary])
def test_the_roles_of_an_environment_see_the_locks_of_their_stack(s3, policy, monkeypatch):
    """IAM's own reading of these policies, as far as moto has it."""
    for stack in ("staging", "production"):
        s3.put(f"{FOLDER}/{stack}/1.json", CLI)
    scope = Scope(
        stack="staging", account=Account(**ACCOUNT), state=StateAccess(**STATE | {"bucket": s3.bucket})
    )
    with s3.only_allowed(policy(scope)) as keys:
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        assert [lock.host for lock in read(s3, stack="staging")] == ["vm"]
        with pytest.raises(NotAllowedError, match="GetObject was answered with AccessDenied"):
            read(s3, stack="production")
