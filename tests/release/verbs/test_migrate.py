"""What holds a change of phase before anything is changed."""

import shutil

import pytest

from release.errors import GateFailedError, GateUnknownError, RefusedError
from release.outcome import Outcome
from release.verbs.migrate import must_pass, whole
from tests.release.migrating import MIGRATION, FakeJobs, MigratingCluster, MigratingWorld, data_of, pin
from tests.release.test_delivery import answering

IMPATIENT = "  alys:strategy:\n    steps: [100]\n    soak_seconds: 0\n    patience_seconds: 0\n"


@pytest.fixture
def world(tmp_path):
    made = MigratingWorld(folder=tmp_path, phase="foundation")
    made.file.path.write_text(made.file.path.read_text() + IMPATIENT)
    shutil.copytree(MIGRATION, tmp_path / "migration")
    return made


@pytest.fixture
def data(world):
    return data_of(world, MigratingCluster(world), FakeJobs(world))


def asked(world, data, value):
    must_pass(world.site(), "foundation", pin("foundation"), data, ask=answering(value))


def test_gates_that_pass_let_it_begin(world, data):
    asked(world, data, (0.0,))


@pytest.mark.parametrize(
    ("value", "error", "outcome"),
    [
        ((1.0,), GateFailedError, Outcome.GATE_FAILED),
        ((), GateUnknownError, Outcome.GATE_UNKNOWN),
        ((0.0, 0.0), GateUnknownError, Outcome.GATE_UNKNOWN),
    ],
    ids=str,
)
def test_anything_else_holds_it(world, data, value, error, outcome):
    with pytest.raises(error, match=r"foundation can't be left yet(.|\n)*--phase foundation") as raised:
        asked(world, data, value)
    assert raised.value.outcome is outcome


def test_every_pod_has_to_say_what_its_newest_block_is(world, data):
    assert set(whole(world.site(), data, pin("foundation"))) == set(data.pods())
    world.stuck.add(2)
    with pytest.raises(RefusedError, match=r"What runs isn't whole: alys-node-2"):
        whole(world.site(), data, pin("foundation"))
