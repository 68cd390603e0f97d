from pathlib import Path

import pytest

from release import gates_file
from release.errors import RefusedError

OURS = Path(__file__).parents[2] / "migration" / "gates.toml"
VALID = """\
[gates.error-rate]
says = "Errors"
series = "errors_total"
query = "sum(rate($series[$window]))"
max = 0.01
[phases]
release = ["error-rate"]
"""


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "gates.toml"
        path.write_text(text)
        return path

    return _write


def test_the_thresholds_that_are_asked_for():
    ours = gates_file.read(OURS).gates
    assert {name: (gate.min, gate.max) for name, gate in ours.items()} == {
        "error-rate": (None, 0.01),
        "rollbacks": (None, 0),
        "actor-restarts": (None, 0.1),
        "sync-pace": (100, None),
    }


def test_the_phases_and_what_holds_in_each():
    ours = gates_file.read(OURS)
    assert {phase: list(ours.of(phase)) for phase in ours.phases} == {
        "release": ["error-rate", "rollbacks", "actor-restarts", "sync-pace"],
        "foundation": ["error-rate", "rollbacks"],
        "actor-core": ["error-rate", "rollbacks", "actor-restarts"],
        "sync-improvement": ["error-rate", "rollbacks", "sync-pace"],
        "lighthouse-migration": ["error-rate", "rollbacks"],
        "governance-integration": ["error-rate", "rollbacks"],
        "complete": ["error-rate", "rollbacks", "actor-restarts", "sync-pace"],
    }


def test_an_unknown_phase_is_refused_and_the_phases_are_named(write):
    with pytest.raises(RefusedError, match=r"'migrate'(.|\n)*The phases are release\."):
        gates_file.read(write(VALID)).of("migrate")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("max = 0.01", "maxi = 0.01", ["gates.error-rate.maxi is no key that is known", "Did you mean max?"]),
        ("max = 0.01", "max = nan", ["gates.error-rate.max = 'nan'", "finite number", "max = 0.01"]),
        ("max = 0.01", 'max = "low"', ["gates.error-rate.max = 'low'", "max = 0.01"]),
        ("max = 0.01\n", "", ["gates.error-rate.max has neither max nor min", "max = 0.01"]),
        ('series = "errors_total"\n', "", ["gates.error-rate.series is missing", "series = "]),
        ('"errors_total"', '"errors{x=1}"', ["gates.error-rate.series = 'errors{x=1}'"]),
        ("$series[$window]", "x[5m]", ["gates.error-rate.query", "every version in every namespace"]),
        ("$window", "$windw", ["uses $windw; only $series and $window"]),
        ("max = 0.01", "max = 1\nwindow_seconds = 5", ["gates.error-rate.window_seconds = '5'", "300"]),
        ('["error-rate"]', '["eror-rate"]', ["phases.release names 'eror-rate'", "did you mean error-rate?"]),
        ('["error-rate"]', "[]", ["phases.release", 'release = ["error-rate"]']),
        ("[phases]", "[phase]", ["phase is no key", "Did you mean phases?", "phases is missing"]),
        ("[gates.error-rate]", "[gates.Error]", ["gates.Error", "[gates.error-rate]"]),
        ("[gates.error-rate]", "[gates.error-rate", ["is no TOML", "line 1"]),
    ],
)
def test_a_mistake_is_named_with_the_file_the_key_and_the_remedy(write, old, new, says):
    """Fault 25."""
    path = write(VALID.replace(old, new))
    with pytest.raises(RefusedError) as raised:
        gates_file.read(path)
    for part in ("gates.toml", *says):
        assert part in str(raised.value)


def test_all_mistakes_are_told_at_once(write):
    path = write(VALID.replace("max = 0.01", "max = inf").replace('"Errors"', '""'))
    with pytest.raises(RefusedError, match="has 2 mistakes"):
        gates_file.read(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RefusedError, match=r"gates\.toml can't be read: No such file"):
        gates_file.read(tmp_path / "gates.toml")


def test_what_a_mistake_is_answered_with_is_accepted(write):
    """The gate that the message says to write."""
    with pytest.raises(RefusedError) as raised:
        gates_file.read(write("[gates]\nx = 1\n[phases]\n"))
    lines = [line.strip() for line in str(raised.value).splitlines()]
    gate = "\n".join(lines[lines.index("[gates.error-rate]") :])
    assert gates_file.read(write(f'{gate}\n[phases]\nrelease = ["error-rate"]\n')).of("release")
