"""The demo must be able to fail."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from local.demo.chains import Counted, Head
from local.demo.client import Tally
from local.demo.clone import Run
from local.demo.cluster import Seen
from local.demo.record import judge, show, write
from local.demo.story import PHASE_IMAGES, STORY, Step
from local.samples import IMAGES
from release.outcome import Outcome

STEPS = [step for chapter in STORY for step in chapter.steps]
DIGESTS = {version: f"sha256:{number:064x}" for number, version in enumerate(IMAGES)}
STEP = Step(
    title="v2.0.0 on 25 %",
    words=("deploy", "local", "v2.0.0", "--steps", "25"),
    ends=Outcome.ROLLED_BACK,
    verdict="fail",
    pods={"v1.0.0": 3, "v2.0.0": 1},
    flags={"a": True},
    phase="actor-core",
)


def chains(*, height=120, phase="actor-core", lost=0):
    before = Head(height=100, state_root="ab", format=1, phase="foundation")
    after = Head(height=height, state_root="cd", format=1, phase=phase)
    return Counted(before={"alys-node-0": before}, after={"alys-node-0": after}, lost={"alys-node-0": lost})


def row(**otherwise):
    seen = {
        "versions": dict(STEP.pods),
        "flags": {"a": True},
        "images": {version: DIGESTS[version] for version in STEP.pods},
        "ready": 4,
    }
    others = {"outcome": "rolled back", "code": 4, "failed": 0, "verdict": "fail", "blocks": chains()}
    others |= {key: value for key, value in otherwise.items() if key in others}
    seen |= {key: value for key, value in otherwise.items() if key in seen}
    gates = [{"verdict": "pass"}, {"verdict": others["verdict"]}]
    return judge(
        STEP,
        seconds=1.0,
        run=Run(code=others["code"], result={"outcome": others["outcome"], "gates": gates}),
        seen=Seen(**seen),
        requests=Tally(sent=10, failed=others["failed"], versions={}, failures=[]),
        blocks=others["blocks"],
        told=["local: deploy v2.0.0 has started"],
        digests=DIGESTS,
    )


def test_what_was_expected_is_no_surprise():
    assert row().surprises == []


@pytest.mark.parametrize(
    ("otherwise", "named"),
    [
        ({"versions": {"v1.0.0": 4}}, "versions of the pods"),
        ({"images": {"v1.0.0": DIGESTS["v1.0.0"], "v2.0.0": DIGESTS["v1.0.0"]}}, "images"),
        ({"flags": {}}, "flags"),
        ({"ready": 3}, "ready pods"),
        ({"code": 5}, "exit code"),
        ({"outcome": "done"}, "outcome"),
        ({"verdict": "error"}, "verdicts that held it"),
        ({"failed": 1}, "failed requests"),
        ({"blocks": chains(phase="foundation")}, "phase of the data"),
        ({"blocks": chains(lost=2)}, "blocks lost"),
    ],
)
def test_each_thing_seen_otherwise_is_named(otherwise, named):
    (surprise,) = row(**otherwise).surprises
    assert named in surprise


def test_the_table_fits_a_terminal_of_80_columns():
    console = Console(width=80, record=True)
    longest = max(STEPS, key=lambda step: len(step.title)).title
    seen = Seen(versions={"v2.0.0": 4}, flags={}, images={"v2.0.0": DIGESTS["v2.0.0"]}, ready=4)
    requests = Tally(sent=99_999, failed=0, versions={}, failures=[])
    blocks = chains(height=99_999, phase="lighthouse-migration", lost=9_999)
    shown = replace(row(), step=longest, seconds=1234.5, seen=seen, requests=requests, blocks=blocks)
    show([shown], console)
    assert "…" not in console.export_text()


def test_the_rows_are_written_as_json(tmp_path):
    write([row()], tmp_path / "demo.json")
    (step,) = json.loads((tmp_path / "demo.json").read_text())["steps"]
    assert step["seen"]["versions"] == STEP.pods
    assert step["requests"]["sent"] == 10


def test_every_version_of_the_story_has_an_image():
    words = {word for step in STEPS for word in (*step.words, *step.stops)}
    assert {word for word in words if word.startswith("v")} <= {*IMAGES, *PHASE_IMAGES}
