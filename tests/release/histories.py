"""Makes entries of a stack's history, of the form that `history.json` shows; that file is the CLI's own."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from release.past import message
from release.past.history import releases
from release.past.identity import Identity
from release.past.ledger import ledger
from release.past.message import Note

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)


def entry(
    version,
    *,
    at=0,
    percent=100,
    result="succeeded",
    note=None,
    flags=None,
    digest=None,
    phase=None,
    kind="update",
    resources=6,
):
    """One entry; `at` counts minutes."""
    began = BEGAN + timedelta(minutes=at)
    config = {"alys:version": {"value": version, "secret": False}}
    config["alys:rollout"] = {"value": str(percent), "secret": False}
    config["alys:release"] = {"objectValue": {"replicas": 4}, "value": '{"replicas":4}', "secret": False}
    if flags:
        config["alys:flags"] = {"objectValue": flags, "value": json.dumps(flags), "secret": False}
    if digest:
        config["alys:digest"] = {"value": digest, "secret": False}
    if phase:
        config["alys:phase"] = {"value": phase, "secret": False}
    return {
        "version": 0,
        "kind": kind,
        "startTime": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "endTime": (began + timedelta(seconds=8)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "message": message.write("title", note) if note else "by hand",
        "environment": {"exec.kind": "cli"},
        "config": config,
        "result": result,
        "resourceChanges": {"same": resources - 1, "update": 1},
    }


def told(*entries):
    """The ledger of entries given oldest first, a minute apart where they don't say when."""
    return ledger(releases(entries))


def back_from(version, run=""):
    return Note(action="rollback", left=Identity(version=version), run=run, reason="gate failed")


notes = st.none() | st.builds(
    Note,
    action=st.sampled_from(["deploy", "migrate", "rollback", "rollback", "withdraw"]),
    left=st.none() | st.builds(Identity, version=st.sampled_from(["v1", "v2", "v3"])),
    run=st.sampled_from(["", "run-1", "run-2"]),
    retry=st.booleans(),
)


@st.composite
def histories(draw):
    """Up to twelve entries, oldest first, each later than the one before."""
    return [
        entry(
            draw(st.sampled_from(["v1", "v2", "v3"])),
            at=minute,
            percent=draw(st.sampled_from([10, 100, 100])),
            result=draw(st.sampled_from(["succeeded", "succeeded", "failed"])),
            flags=draw(st.sampled_from([None, {"fast": True}])),
            kind=draw(st.sampled_from(["update"] * 8 + ["destroy", "refresh"])),
            resources=draw(st.sampled_from([1, 6, 6])),
            note=draw(notes),
        )
        for minute in range(draw(st.integers(0, 12)))
    ]
