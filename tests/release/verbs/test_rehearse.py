"""What a rehearsal came to."""

from types import SimpleNamespace

import pytest

from release.migration.backups import Backup
from release.migration.crossing import crossing
from release.outcome import Outcome
from release.verbs import rehearse as rehearsing
from release.verbs.migrate import Wish
from release.verbs.rehearse import Rehearsed
from sections.pin import Pin
from tests.docs.test_release_reference import OURS, entry, told

CROSSING = crossing(OURS, told(entry("v1.0.0")), Pin(version="v1.0.0"), "foundation", stack="s")


def came_to(problem="", *, cancelled=False):
    return Rehearsed(
        stack="s",
        crossing=CROSSING,
        backup=Backup(name="b", parts={}),
        runs=(),
        problem=problem,
        cancelled=cancelled,
        seconds=1.0,
    )


def test_it_is_well_where_nothing_was_found_wrong():
    assert came_to().outcome is Outcome.DONE
    assert came_to("gate own: fail").outcome is Outcome.NOT_WELL


def test_one_that_was_cancelled_says_so_whatever_else_it_has_found():
    assert came_to("migrate: cancelled", cancelled=True).outcome is Outcome.CANCELLED


@pytest.fixture
def played(monkeypatch):
    """The runs on a copy, pretended: what each ends in, by its verb."""
    ends, order = {}, []

    def run(verb):
        def done(*_, **__):
            order.append(verb)
            return SimpleNamespace(verb=verb, outcome=ends.get(verb, Outcome.DONE), reason=f"{verb} failed")

        return done

    monkeypatch.setattr(rehearsing, "_start", run("deploy"))
    monkeypatch.setattr(rehearsing, "migrate", run("migrate"))
    monkeypatch.setattr(rehearsing, "_back", run("rollback"))
    monkeypatch.setattr(rehearsing, "_data", lambda _: SimpleNamespace(validate=lambda *_, **__: []))
    copy = SimpleNamespace(signals=SimpleNamespace(any=False), file=SimpleNamespace(write=order.append))

    def play():
        backup = Backup(name="b", parts={})
        return rehearsing.play(copy, CROSSING, Wish(phase="foundation"), backup)

    return SimpleNamespace(play=play, ends=ends, order=order, copy=copy)


def test_a_copy_starts_as_the_stack_is_goes_into_the_phase_and_back(played):
    runs, problem = played.play()
    assert [run.verb for run in runs] == ["deploy", "migrate", "rollback"]
    assert problem == ""


def test_what_the_phase_is_entered_with_is_not_there_before(played):
    played.play()
    started, written, migrated = played.order[:3]
    assert (started, migrated) == ("deploy", "migrate")
    assert (written.version, written.phase) == ("v1.0.0", CROSSING.before.phase)


@pytest.mark.parametrize("verb", ["deploy", "migrate", "rollback"])
def test_what_fails_is_the_last_and_its_reason_the_problem(played, verb):
    played.ends[verb] = Outcome.ROLLED_BACK
    runs, problem = played.play()
    assert runs[-1].verb == verb
    assert problem == f"{verb}: {verb} failed"


def test_after_a_signal_nothing_more_begins(played):
    played.copy.signals.any = True
    runs, _ = played.play()
    assert [run.verb for run in runs] == ["deploy"]
