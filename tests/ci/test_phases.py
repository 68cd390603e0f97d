"""What came of each phase, and the one table of all."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from ci import phases
from ci.phases import Tried, Turn, overall, settings, turn
from ci.report import Refusal

OURS = phases.known(Path(__file__).parents[2] / "migration")
WELL = Turn(says="into it", outcome="done", seconds=41.2, checks=14, heights=(10, 25))
FAILED = Turn(says="into it", outcome="rolled back", seconds=52.0, reason="gate error-rate: fail")


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """Where the jobs' reports are, and the summary of the run."""
    monkeypatch.setenv("REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.chdir(Path(__file__).parents[2])

    def _reports(**turns):
        for phase in OURS.order:
            of_phase = turns.get(phase.replace("-", "_"), (WELL, WELL))
            if of_phase is None:
                continue
            file = tmp_path / "reports" / f"phase-{phase}" / f"{phase}.json"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(asdict(Tried(phase=phase, turns=of_phase))))
            # The artifact has the run's own files, too.
            (file.parent / "validation.json").write_text("[]")
        return tmp_path / "summary"

    return _reports


def test_every_phase_has_a_job_and_the_build_is_what_the_last_one_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.delenv("VERSION", raising=False)
    monkeypatch.chdir(Path(__file__).parents[2])
    phases.plan()
    said = (tmp_path / "output").read_text()
    assert json.dumps([{"phase": phase} for phase in OURS.order]) in said
    assert OURS.phases[OURS.order[-1]].version in said


def test_a_version_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("VERSION", "latest")
    monkeypatch.chdir(Path(__file__).parents[2])
    with pytest.raises(Refusal, match="VERSION"):
        phases.plan()


def test_a_phase_is_pinned_with_the_flags_of_all_up_to_it():
    words = settings(OURS, "sync-improvement")
    assert words[1::2] == [
        "alys:phase=sync-improvement",
        "alys:flags.actor_sync=true",
        "alys:flags.parallel_import=true",
    ]
    assert set(words[::2]) == {"--plaintext"}


def test_before_the_first_phase_nothing_is_pinned():
    assert settings(OURS, None) == []


def test_a_turn_counts_its_checks_and_the_lowest_block():
    heads = {
        "before": {"a": {"height": 9}, "b": {"height": 7}},
        "now": {"a": {"height": 12}, "b": {"height": 11}},
    }
    kept = [{"checks": [1, 2], "heads": {}}, {"checks": [3], "heads": heads}]
    found = turn("into it", {"outcome": "done", "seconds": 3, "reason": "at 100 %"}, kept)
    assert (found.checks, found.heights, found.reason) == (3, (7, 11), "")


def test_a_turn_without_a_validation_says_only_what_it_came_to():
    found = turn("into it", {"outcome": "refused", "seconds": 1, "reason": "no backup"}, [])
    assert (found.heights, found.reason) == (None, "no backup")


def test_phases_that_all_went_there_and_back_have_nothing_wrong():
    assert overall({"a": Tried(phase="a", turns=(WELL, WELL))}, ["a"]) == []


@pytest.mark.parametrize(
    ("tried", "says"),
    [
        ({}, "a: nobody says what came of it"),
        ({"a": Tried(phase="a", turns=())}, "a: nothing was tried"),
        ({"a": Tried(phase="a", turns=(WELL, FAILED))}, "a: into it: rolled back: gate error-rate: fail"),
    ],
)
def test_a_phase_that_is_missing_or_failed_is_named(tried, says):
    assert overall(tried, ["a"]) == [says]


def test_the_table_has_a_row_for_each_turn_of_each_phase(reports):
    summary = reports()
    phases.report()
    rows = [line for line in summary.read_text().splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 2 * len(OURS.order)
    assert rows[0] == "| foundation | into it | done | 41 | 14 | 10 to 25 |"


def test_a_phase_without_a_report_stands_in_the_table_and_is_refused(reports):
    summary = reports(complete=None)
    with pytest.raises(Refusal, match="complete: nobody says"):
        phases.report()
    assert "| complete |  | no report |" in summary.read_text()


def test_a_phase_that_failed_is_refused_with_its_reason(reports):
    reports(actor_core=(WELL, FAILED))
    with pytest.raises(Refusal, match="actor-core: into it: rolled back: gate error-rate: fail"):
        phases.report()


@pytest.fixture
def told(monkeypatch, tmp_path):
    """What `release` was told for a phase; the backups that it lists are of the phase before."""

    def _told(phase, *, ends=("done", "done", "done")):
        words, outcomes = [], iter(ends)

        def release(says, *said):
            words.append(said)
            return Turn(says=says, outcome=next(outcomes), seconds=1.0)

        monkeypatch.setattr(phases, "_release", release)
        monkeypatch.setattr(phases, "_pin", lambda pinned: words.append(tuple(pinned[1:2])))
        monkeypatch.setattr(phases, "_backup", lambda before: f"{before}-r3")
        monkeypatch.setenv("PHASE", phase)
        monkeypatch.setenv("VERSION", "v2.3.0")
        monkeypatch.setenv("REPORT", str(tmp_path / "report.json"))
        monkeypatch.chdir(Path(__file__).parents[2])
        phases.run()
        return words

    return _told


def test_a_phase_that_can_be_left_is_left_by_a_rollback(told):
    assert told("sync-improvement") == [
        ("alys:phase=actor-core",),
        ("deploy", "local", "v2.3.0", "--steps", "100", "--soak", "0s"),
        ("alys:phase=sync-improvement",),
        ("migrate", "local", "sync-improvement"),
        ("rollback", "local"),
    ]


def test_past_a_point_of_no_return_the_backup_of_before_leads_back(told):
    assert told("lighthouse-migration")[-1] == ("restore", "local", "sync-improvement-r3")


def test_what_fails_ends_it_and_stands_in_the_report(told, tmp_path):
    with pytest.raises(Refusal, match="sync-improvement: into it: rolled back"):
        told("sync-improvement", ends=("done", "rolled back"))
    assert [one.outcome for one in phases.read(tmp_path / "report.json").turns] == ["done", "rolled back"]


def test_a_phase_that_is_none_is_refused_with_the_known_ones(told):
    with pytest.raises(Refusal, match="sync is no phase; there are foundation, actor-core"):
        told("sync")
