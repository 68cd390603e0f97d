"""A lock is only removed where its owner is seen to be dead."""

import json
import os
import socket
from dataclasses import dataclass, field

import pytest

from local.demo import mending
from local.demo.mending import mend

DEAD = 2**22 + 1
"""Above the kernel's largest process number."""


@dataclass
class FakeStack:
    name: str = "local"
    cancelled: list[str] = field(default_factory=list)

    def cancel(self) -> None:
        self.cancelled.append(self.name)


@pytest.fixture
def locked(tmp_path, monkeypatch):
    monkeypatch.setattr(mending, "_helm_status", lambda _: "deployed")
    monkeypatch.setattr(mending, "_helm", lambda *_: None)
    folder = tmp_path / ".pulumi/locks/organization/alys/local"
    folder.mkdir(parents=True)

    def mended(*owners: tuple[str, int]) -> list[str]:
        for number, (hostname, pid) in enumerate(owners):
            (folder / f"{number}.json").write_text(json.dumps({"hostname": hostname, "pid": pid}))
        stack = FakeStack()
        mend(stack, tmp_path, None)
        return stack.cancelled

    return mended


def test_the_lock_of_a_dead_process_is_removed(locked):
    assert locked((socket.gethostname(), DEAD)) == ["local"]


def test_the_lock_of_a_live_process_stays(locked):
    assert locked((socket.gethostname(), os.getpid())) == []


def test_the_lock_of_another_machine_stays(locked):
    assert locked(("elsewhere", DEAD)) == []


def test_one_live_owner_is_enough(locked):
    """`pulumi cancel` removes all locks of a stack at once."""
    assert locked((socket.gethostname(), DEAD), (socket.gethostname(), os.getpid())) == []


def test_without_a_lock_nothing_is_cancelled(locked):
    assert locked() == []


def test_a_release_that_a_live_update_is_at_work_on_is_left_alone(locked, monkeypatch, tmp_path):
    locked((socket.gethostname(), os.getpid()))
    monkeypatch.setattr(mending, "_helm_status", lambda _: "pending-upgrade")
    assert mend(FakeStack(), tmp_path, None) == []
