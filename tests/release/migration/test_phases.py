from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release import gates_file
from release.errors import RefusedError
from release.migration import phases, phases_file
from release.migration.phases import Kind
from release.migration.phases_file import WayBack
from sections.pin import Pin

MIGRATION = Path(__file__).parents[3] / "migration"
OURS = phases_file.read(MIGRATION / "phases.toml", gates_file.read(MIGRATION / "gates.toml"))
NAMES = (None, *OURS.order)
ALL_FLAGS = {flag: True for phase in OURS.phases.values() for flag in phase.flags}


def pin(phase, version="v9.0.0", flags=None):
    return Pin.model_validate(
        {"version": version, "phase": phase, "flags": ALL_FLAGS if flags is None else flags}
    )


def step(before, after):
    return phases.step(OURS, pin(before), pin(after))


@pytest.mark.parametrize(("before", "after"), list(pairwise(NAMES)))
def test_each_phase_is_entered_from_the_one_before(before, after):
    taken = step(before, after)
    assert (taken.kind, taken.way_back) == (Kind.ENTER, OURS.phases[after].way_back)
    assert (taken.gates_before, taken.gates_after) == (before or "release", after)


@pytest.mark.parametrize("name", NAMES)
def test_a_release_within_a_phase_changes_no_data(name):
    taken = step(name, name)
    assert (taken.kind, taken.migrates, taken.needs_backup) == (Kind.STAY, False, False)


def test_a_jump_over_a_phase_is_refused_with_the_next_one():
    with pytest.raises(RefusedError) as raised:
        step("foundation", "lighthouse-migration")
    assert "it would jump over actor-core, sync-improvement" in str(raised.value)
    assert "Enter actor-core first." in str(raised.value)


def test_a_jump_before_the_first_phase_is_refused():
    with pytest.raises(RefusedError, match=r"from before the first phase(.|\n)*Enter foundation first"):
        step(None, "actor-core")


@pytest.mark.parametrize(
    ("version", "says"),
    [("v1.9.9", "needs v2.0.0 or newer, and the pin is v1.9.9"), ("main-1a2b", "no place in the order")],
)
def test_a_phase_without_its_version_is_refused_with_the_command(version, says):
    with pytest.raises(RefusedError) as raised:
        phases.step(OURS, pin("foundation"), pin("actor-core", version))
    assert says in str(raised.value)
    assert "release deploy STACK v2.0.0" in str(raised.value)


@pytest.mark.parametrize(
    "flags",
    [{}, {"actor_sync": False}, {"actor_sync": 1}, {"actor_sync": {"value": True, "since": "v3.0.0"}}],
)
def test_a_phase_without_its_flags_is_refused_with_the_lines(flags):
    with pytest.raises(RefusedError) as raised:
        phases.step(OURS, pin("foundation"), pin("actor-core", "v2.0.0", flags))
    assert "needs the flag actor_sync" in str(raised.value)
    assert "alys:flags:" in str(raised.value)


def test_a_release_that_takes_a_phase_its_version_away_is_refused():
    with pytest.raises(RefusedError, match=r"actor-core needs v2\.0\.0"):
        phases.step(OURS, pin("actor-core"), pin("actor-core", "v1.0.0"))


@pytest.mark.parametrize("name", ["actor-cor", "", "x" * 200])
def test_an_unknown_phase_is_refused_with_the_known_ones(name):
    wanted = pin(None).model_copy(update={"phase": name})
    with pytest.raises(RefusedError, match="The phases are foundation, actor-core"):
        phases.step(OURS, pin(None), wanted)


@pytest.mark.parametrize(
    ("before", "after", "point"),
    [
        ("lighthouse-migration", "sync-improvement", "lighthouse-migration"),
        ("governance-integration", "foundation", "lighthouse-migration"),
        ("complete", "governance-integration", "complete"),
    ],
)
def test_nobody_goes_back_over_a_point_of_no_return(before, after, point):
    with pytest.raises(RefusedError) as raised:
        step(before, after)
    assert f"{point} is a point of no return" in str(raised.value)
    assert "release restore STACK BACKUP" in str(raised.value)


@pytest.mark.parametrize(
    ("before", "after", "migrates"),
    [
        ("foundation", None, False),
        ("actor-core", "foundation", False),
        ("sync-improvement", "actor-core", True),
        ("governance-integration", "lighthouse-migration", False),
    ],
)
def test_a_reversible_phase_can_be_left_for_the_one_before(before, after, migrates):
    taken = step(before, after)
    assert (taken.kind, taken.migrates) == (Kind.LEAVE, migrates)


def test_phases_are_left_one_at_a_time():
    with pytest.raises(RefusedError, match="Go back to actor-core first"):
        step("sync-improvement", "foundation")


def test_a_backup_comes_first_where_the_data_changes_or_only_a_backup_leads_back():
    needing = [name for before, name in pairwise(NAMES) if step(before, name).needs_backup]
    assert needing == ["sync-improvement", "lighthouse-migration", "complete"]


@given(st.integers(0, len(NAMES) - 2), st.integers(0, 100))
def test_the_way_back_is_what_was_pinned_before_on_all_pods(place, percent):
    before, after = pin(NAMES[place], "v8.0.0"), pin(NAMES[place + 1])
    partly = before.model_copy(update={"rollout": percent})
    back = phases.undo(phases.step(OURS, partly, after), partly)
    assert back.pin == before
    assert back.restore == (OURS.phases[NAMES[place + 1]].way_back is WayBack.RESTORE)
