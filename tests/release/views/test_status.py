from datetime import UTC, datetime, timedelta

import pytest

from release.errors import RefusedError
from release.health.sighting import Sighting
from release.locking.locks import Lock, Owner
from release.outside.helm_record import HelmRecord
from release.verbs.status import Row, Status
from release.views.status import age, view
from sections.pin import Pin
from settings import Settings
from tests.release.health.test_verification import pod
from tests.release.histories import back_from, entry, told
from tests.release.views.pages import shown

DIGEST = "sha256:" + "a" * 64
PIN = {"version": "v1.0.0", "digest": DIGEST, "rollout": 50}
RELEASE = {"image": "ghcr.io/alys/node", "context": "somewhere", "replicas": 4}
SETTINGS = Settings.model_validate({**PIN, "release": RELEASE})


def status(*rows, costs=None):
    return Status(rows=tuple(Row(seen=seen, costs=costs) for seen in rows))


def sighting(**keys):
    known = {
        "stack": "staging",
        "settings": SETTINGS,
        "pin": Pin.model_validate(PIN),
        "ledger": told(
            entry("v1.0.0", digest=DIGEST),
            entry("v2.0.0", at=1),
            entry("v1.0.0", digest=DIGEST, at=2, note=back_from("v2.0.0")),
        ),
        "record": HelmRecord(number=3, version="v1.0.0", digest=DIGEST, objects=()),
        "locks": {},
        "drift": (),
    }
    return Sighting(**known | keys)


def text(*rows, **keys):
    return " ".join(" ".join(shown(view, status(*rows, **keys))).split())


def test_a_stack_shows_its_pin_what_runs_the_last_good_and_the_last_update():
    lines = shown(view, status(sighting()))
    assert lines[0].split() == ["stack", "pinned", "running", "last", "good", "last", "update"]
    assert lines[1].split() == ["staging", "v1.0.0", "v1.0.0", "v1.0.0", "good"]
    assert lines[2].split() == ["sha256:aaaaaaaaaaaa", "sha256:aaaaaaaaaaaa", "2026-11-24", "00:02"]
    assert "2 of 4 (50 %)" in " ".join(lines)


def test_the_pods_of_each_version_are_counted():
    two = (pod(0, version="v1.0.0"), pod(1, version="v1.0.0", ready=False))
    assert "1 of 2 ready" in text(sighting(pods=two))
    both = text(sighting(pods=(*two, pod(2, version="v2.0.0"))))
    assert "v1.0.0: 1 of 2 ready" in both
    assert "v2.0.0: 1 of 1 ready" in both


def test_what_is_on_hold_says_since_when_and_why():
    assert "on hold: v2.0.0, rolled back from 2026-11-24 00:02: gate failed" in text(sighting())


def test_a_change_by_hand_is_a_line_of_its_own():
    """Fault 26."""
    assert "drift: StatefulSet spec.replicas is 2" in text(
        sighting(drift=("StatefulSet spec.replicas is 2",))
    )


def test_a_lock_says_whose_it_is_and_how_old():
    """Fault 3."""
    since = datetime.now(UTC) - timedelta(minutes=7)
    lock = Lock(path="/l/1.json", pid=4711, user="ada", host="runner-1", since=since)
    assert "locked by a process of another machine (ada@runner-1, process 4711), for 7 min" in text(
        sighting(locks={lock: Owner.FOREIGN})
    )


def test_a_stack_that_can_t_be_asked_says_so_beside_the_others():
    error = RefusedError(
        what="Pulumi isn't logged in; nothing was changed", where="stack canary", remedy="pulumi login"
    )
    silent = Sighting(stack="canary", settings=SETTINGS, troubles={"history": error, "state": error})
    lines = shown(view, status(silent, sighting()))
    assert lines[1].split() == ["canary", "?", "?", "?"] or "?" in lines[1]
    assert "  can't be asked: Pulumi isn't logged in (stack canary)" in lines
    assert lines.count("    pulumi login") == 1, "the backend is one, and is said once"
    assert any(line.startswith("staging") for line in lines)


def test_the_costs_are_a_line_where_they_were_asked_for():
    assert "costs: $713 a month" in text(sighting(), costs="$713 a month")
    assert "costs" not in text(sighting())


def test_a_project_that_releases_nothing_says_so():
    assert shown(view, status()) == ["No stack of this project releases anything."]


def test_every_line_fits_80_columns():
    long = sighting(
        stack="an-environment-with-a-long-name",
        drift=("x" * 300,),
        record=HelmRecord(number=1, version="v1.0.0-" + "rc" * 50, digest=None, objects=()),
    )
    assert all(len(line) <= 80 for line in shown(view, status(long, sighting())))


def test_the_json_tells_unknown_from_none():
    (row,) = status(sighting(drift=None, locks=None)).json["stacks"]
    assert (row["drift"], row["locks"]) == (None, None)
    (row,) = status(sighting()).json["stacks"]
    assert (row["drift"], row["locks"]) == ([], [])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (40, "40 s"), (119, "119 s"), (120, "2 min"), (7300, "2 h"), (200_000, "2 days")],
)
def test_an_age_is_said_in_the_unit_that_fits(seconds, said):
    assert age(timedelta(seconds=seconds)) == said
