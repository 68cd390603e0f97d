"""Each check, and that what isn't so is found by it."""

from dataclasses import replace

import pytest

from release.migration import validation
from release.migration.validation import Head, Report, Sight
from tests.release.migrating import FLAGS, METRICS, pin, root

SERIES = ("alys_migration_errors_total",)
BEFORE = {"alys-node-0": Head(height=5, state_root=root(5))}
WELL = Sight(
    pod="alys-node-0",
    pinned=True,
    head=Head(height=7, state_root=root(7), format=2, phase="sync-improvement"),
    then=root(5),
    common=root(7),
    flags=FLAGS,
    metrics=METRICS,
    report=Report(ok=True),
)


def failed(*sights, before=BEFORE):
    found = validation.checks(before, sights, pin("sync-improvement"), number=2, series=SERIES)
    return validation.failed(found)


def test_nothing_is_wrong_with_a_node_that_is_well():
    assert failed(WELL) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"head": WELL.head.model_copy(update={"height": 4})},
            "heights only grow: alys-node-0: 4, and before 5",
        ),
        ({"then": root(5, of="other")}, "state roots stay: alys-node-0"),
        ({"then": ""}, "is gone, and was"),
        (
            {"head": WELL.head.model_copy(update={"format": 1})},
            "in format 1, and sync-improvement in 2 is pinned",
        ),
        (
            {"head": WELL.head.model_copy(update={"phase": ""})},
            "phase as pinned: alys-node-0: none in format 2",
        ),
        ({"flags": {**FLAGS, "lighthouse": False}}, "lighthouse = False, and True is pinned"),
        ({"flags": {}}, "flags as pinned"),
        ({"metrics": ""}, "metrics are there: alys-node-0: no alys_migration_errors_total"),
        (
            {"report": Report(ok=False, problems=("a block is missing",))},
            "data is whole: alys-node-0: a block is",
        ),
    ],
)
def test_what_is_wrong_is_found_and_said(changes, says):
    assert says in failed(replace(WELL, **changes))


def test_a_pod_that_does_not_answer_is_missed():
    assert failed() == "every pod answers: alys-node-0: it doesn't"


def test_peers_that_disagree_are_found():
    other = replace(WELL, pod="alys-node-1", common=root(7, of="other"))
    assert failed(WELL, other).startswith("peers agree: alys-node-1")


def test_a_pod_of_the_phase_before_is_only_asked_for_its_blocks():
    old = WELL.head.model_copy(update={"format": 1, "phase": "actor-core"})
    assert failed(replace(WELL, pinned=False, head=old, metrics="", flags={}, report=None)) == ""


@pytest.mark.parametrize("text", ["", "alys-node: no such file", '{"height": 3}', "[]", '{"ok": "perhaps"}'])
def test_a_validation_that_says_no_report_is_none_that_passed(text):
    assert not validation.report(text).ok


def test_the_report_is_the_last_line_of_what_was_printed():
    assert validation.report('warning\n{"ok": true, "format": 2, "problems": []}\n').ok
