"""The reference of the command line names every field that is printed, in its order, and no other."""

from datetime import UTC, datetime, timedelta

import pytest

from components.rollout import share
from docs.generate.release import page
from docs.generate.release_fields import FIELDS
from release.cli import app
from release.gates import Finding, Verdict
from release.health.checkup import checkup, ok
from release.health.sighting import Sighting
from release.locking.locks import Lock, Owner
from release.migration.backups import Backup
from release.migration.crossing import crossing
from release.outcome import Outcome
from release.past import account
from release.past.identity import Identity
from release.result import Result
from release.verbs.backup import Backups
from release.verbs.gate import Gated
from release.verbs.history import Told
from release.verbs.plan import Difference, Planned
from release.verbs.rehearse import Rehearsed
from release.verbs.status import Row, Status
from release.verbs.verify import Verified
from sections.pin import Pin
from tests.release.histories import back_from, entry, told
from tests.release.migrating import OURS

V1 = Identity(version="v1")
LEDGER = told(entry("v1"), entry("v2", at=1), entry("v1", at=2, note=back_from("v2")))
FINDING = Finding(gate="g", verdict=Verdict.PASS, reason="r", query="q", value=1)
WAY = Difference(left=V1, to=V1, pin=(), preview="")
LOCK = Lock(path="l", pid=1, user="ada", host="h", since=datetime.now(UTC) - timedelta(minutes=1))


def keys(value):
    return list(value)


@pytest.mark.parametrize("verb", ["deploy", "promote", "rollback", "migrate", "restore"])
def test_the_fields_of_a_run(verb):
    result = Result(
        stack="s",
        verb=verb,
        run="r",
        outcome=Outcome.DONE,
        release=V1,
        before=None,
        runs=V1,
        share="",
        findings=(FINDING,),
    )
    assert keys(result.json) == keys(FIELDS[verb][""])
    assert keys(result.json["gates"][0]) == keys(FIELDS[verb]["gates"])


def test_the_fields_of_the_history():
    found = Told(stack="s", lines=account.lines(LEDGER), older=0).json
    assert keys(found) == keys(FIELDS["history"][""])
    assert keys(found["updates"][0]) == keys(FIELDS["history"]["updates"])


def test_the_fields_of_the_status():
    seen = Sighting(stack="s", ledger=LEDGER, locks={LOCK: Owner.LIVE})
    found = Status(rows=(Row(seen=seen, costs=None),)).json
    (row,) = found["stacks"]
    assert keys(found) == keys(FIELDS["status"][""])
    assert keys(row) == keys(FIELDS["status"]["stacks"])
    for name in ("on_hold", "locks"):
        said = FIELDS["status"]["stacks"][name]
        assert all(f"`{key}`" in said for key in row[name][0])


def test_the_fields_of_a_plan():
    found = Planned(stack="s", forward=WAY, way_back=WAY, obstacles=(), hold=None).json
    assert keys(found) == keys(FIELDS["plan"][""])
    assert keys(found["forward"]) == keys(FIELDS["plan"]["forward and way_back"])


@pytest.mark.parametrize("verb", ["backup", "backups"])
def test_the_fields_of_backups(verb):
    found = Backups(stack="s", pods=(), found=(Backup(name="b", parts={}),)).json
    assert keys(found) == keys(FIELDS[verb][""])
    assert keys(found["backups"][0]) == keys(FIELDS[verb]["backups"])


def test_the_fields_of_a_rehearsal():
    crossed = crossing(OURS, told(entry("v1.0.0")), Pin(version="v1.0.0"), "foundation", stack="s")
    found = Rehearsed(
        stack="s",
        crossing=crossed,
        backup=Backup(name="b", parts={}),
        runs=(),
        problem="",
        cancelled=False,
        seconds=0.0,
    ).json
    said = FIELDS["migrate"]["the whole, with --rehearse"]
    assert keys(found) == keys(said)
    assert all(f"`{key}`" in said["crossing"] for key in found["crossing"])


def test_the_fields_of_the_doctor():
    found = checkup(None, [ok("a", "b")]).json
    assert keys(found) == keys(FIELDS["doctor"][""])
    assert keys(found["checks"][0]) == keys(FIELDS["doctor"]["checks"])


def test_the_fields_of_gate_and_verify():
    gated = Gated(phase="p", version="v1", findings=(FINDING,))
    assert keys(gated.json) == keys(FIELDS["gate"][""])
    found = Verified(pin=Pin(version="v1"), share=share(2, 100), problems=())
    assert keys(found.json) == keys(FIELDS["verify"][""])


def test_every_verb_has_its_fields_and_its_place_on_the_page():
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert verbs == set(FIELDS)
    assert all(f"## `release {verb} " in page() for verb in verbs)


def test_every_outcome_is_on_the_page():
    assert all(f"| {one.exit_code} | {one.label} | {one.means} |" in page() for one in Outcome)
