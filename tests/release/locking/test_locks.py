from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.locking import locks
from release.locking.locks import BREAKABLE, Lock, Owner

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TAKEN = NOW - timedelta(minutes=5)
CLI = b'{"pid":7139,"username":"root","hostname":"vm","timestamp":"2026-11-24T01:22:06.1084666Z"}'
"""A lock file as the CLI v3.250.0 writes it."""
REFUSED = """\
error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete \
the lock file with `pulumi cancel`.
  file:///s/.pulumi/locks/organization/alys/local/f3-7e.json?no_tmp_dir=true: created by root@vm (pid 7139) \
at 2026-11-24T01:22:06Z
  s3://state/.pulumi/locks/organization/alys/local/aa-01.json: created by CORP\\ada l@runner-1 (pid 12) \
at 2026-11-24T01:22:07+01:00
"""


def lock(**keys):
    return Lock(**{"path": "/locks/1.json", "pid": 77, "user": "ada", "host": "here", "since": TAKEN, **keys})


def judged(lock, *, began=None, own=(), now=NOW):
    return locks.judge(lock, host="here", own=own, started=lambda _: began, now=now)


def test_the_lock_file_of_the_cli_is_read():
    assert locks.parse("x.json", CLI, modified=NOW) == Lock(
        path="x.json",
        pid=7139,
        user="root",
        host="vm",
        since=datetime(2026, 11, 24, 1, 22, 6, 108466, tzinfo=UTC),
    )


@given(st.binary())
def test_no_lock_file_makes_it_raise(content):
    assert locks.parse("x.json", content, modified=NOW).path == "x.json"


def test_locks_are_read_from_the_cli_s_refusal_in_any_backend():
    first, second = locks.in_error(REFUSED)
    assert (first.pid, first.user, first.host) == (7139, "root", "vm")
    assert first.path == "file:///s/.pulumi/locks/organization/alys/local/f3-7e.json"
    assert (second.pid, second.user, second.host) == (12, "CORP\\ada l", "runner-1")


def test_a_refusal_for_another_reason_names_no_locks():
    assert locks.in_error("error: no stack named 'x' found") == ()


def test_a_process_that_has_ended_is_dead():
    assert judged(lock()) is Owner.DEAD


def test_a_process_that_began_before_the_lock_is_alive():
    """Fault 3."""
    assert judged(lock(), began=TAKEN - timedelta(seconds=1)) is Owner.LIVE


def test_a_process_that_began_after_the_lock_only_has_its_number():
    assert judged(lock(), began=TAKEN + timedelta(minutes=1)) is Owner.DEAD


def test_clocks_need_not_agree_to_the_second():
    assert judged(lock(), began=TAKEN + timedelta(seconds=4)) is Owner.LIVE


def test_another_host_s_lock_is_foreign_whatever_runs_here():
    assert judged(lock(host="there")) is Owner.FOREIGN
    assert judged(lock(host="there"), began=TAKEN, own=[77]) is Owner.FOREIGN


def test_a_lock_of_this_run_is_its_own():
    assert judged(lock(), began=TAKEN, own=[77]) is Owner.OWN


@pytest.mark.parametrize("content", [b"", b"\0\0\0"])
def test_an_empty_lock_is_nobody_s_once_it_is_old(content):
    """Fault 20: a full disk leaves such a file, and the CLI can't read it."""
    left = locks.parse("x.json", content, modified=NOW - timedelta(minutes=2))
    assert judged(left) is Owner.NOBODY


def test_an_empty_lock_may_just_be_being_written():
    assert judged(locks.parse("x.json", b"", modified=NOW - timedelta(seconds=1))) is Owner.WRITING


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"pid": "x"}', b'{"pid": 1}', CLI.replace(b"Z", b"")])
def test_a_lock_that_says_something_else_has_an_unknown_owner(content):
    assert judged(locks.parse("x.json", content, modified=NOW - timedelta(days=1))) is Owner.UNKNOWN


times = st.datetimes(timezones=st.just(UTC))
any_lock = st.builds(
    Lock,
    path=st.just("x.json"),
    empty=st.booleans(),
    since=times,
    pid=st.none() | st.integers(1, 99),
    host=st.sampled_from(["here", "there"]),
)


@given(any_lock, st.none() | times, times)
def test_a_live_or_foreign_lock_is_never_broken(taken, began, now):
    owner = judged(taken, began=began, now=now)
    lives = began is not None and began <= taken.since
    if taken.pid is not None and (taken.host != "here" or lives):
        assert owner not in BREAKABLE


@pytest.mark.parametrize(
    ("owners", "may"),
    [
        ([], False),
        ([Owner.DEAD], True),
        ([Owner.DEAD, Owner.NOBODY], True),
        ([Owner.DEAD, Owner.LIVE], False),
        ([Owner.FOREIGN], False),
        ([Owner.WRITING], False),
        ([Owner.UNKNOWN], False),
        ([Owner.OWN], False),
    ],
)
def test_one_living_owner_forbids_breaking_all(owners, may):
    """`pulumi cancel` deletes every lock of the stack."""
    assert locks.breakable(owners) == may


def test_a_held_lock_names_its_owner_its_age_and_the_command():
    error = locks.held(lock(host="runner-1"), Owner.FOREIGN, stack="staging", now=NOW)
    for part in ("ada@runner-1, process 77", "5 min", "/locks/1.json", "pulumi cancel -s staging"):
        assert part in str(error)


@pytest.mark.parametrize(
    ("path", "look"),
    [("/locks/1.json", "cat '/locks/1.json'"), ("s3://state/1.json", "aws s3 cp 's3://state/1.json' -")],
)
def test_a_lock_is_looked_at_where_it_is(path, look):
    error = locks.held(lock(path=path), Owner.FOREIGN, stack="staging", now=NOW)
    assert f"look at it:  {look}\n" in error.remedy
