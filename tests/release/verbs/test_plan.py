import dataclasses
from pathlib import Path

import pytest

from release.outcome import Outcome
from release.past.identity import Identity
from release.verbs import plan
from release.verbs.plan import Difference, Planned
from release.views.plan import view
from tests.release.views.pages import shown
from tests.release.world import World

SALT = "encryptionsalt: v1:abc=:v1:def\n"
V1, V2 = Identity(version="v1.0.0"), Identity(version="v2.0.0")
CHANGED = "    ~ kubernetes:helm.sh/v3:Release: (update)\nResources:\n    ~ 1 to update\n    5 unchanged\n"
SAME = "Resources:\n    6 unchanged\n"


@dataclasses.dataclass
class Previewing:
    """An engine that says what the copied file holds."""

    name: str = "local"
    copies: list[Path] = dataclasses.field(default_factory=list)

    def preview(self, config: Path) -> str:
        self.copies.append(config)
        return config.read_text()


@pytest.fixture
def site(tmp_path):
    world = World(folder=tmp_path)
    world.file.path.write_text(SALT + world.file.path.read_text())
    return dataclasses.replace(world.site(), stack=Previewing())


def test_the_engine_gets_a_whole_copy_with_another_pin_and_the_file_stays(site, tmp_path_factory):
    """Without its salt the copy's secrets could not be opened."""
    before = site.file.path.read_text()
    pin = site.file.read().model_copy(update={"version": "v2.0.0"})
    said = plan._preview(site, pin, tmp_path_factory.mktemp("copies") / "forward")
    assert said == before.replace("alys:version: v1.0.0", "alys:version: v2.0.0")
    assert said.startswith(SALT)
    assert site.file.path.read_text() == before
    assert site.stack.copies[0].parent != site.file.path.parent


def test_a_secret_that_a_preview_shows_is_hidden(site, tmp_path):
    """Fault 27."""
    site.redactor.learn(["alys-local"])
    assert "alys-local" not in plan._preview(site, site.file.read(), tmp_path / "forward")


def planned(*, back=SAME, obstacles=()):
    return Planned(
        stack="staging",
        forward=Difference(left=V1, to=V2, pin=("version: v1.0.0 -> v2.0.0",), preview=CHANGED),
        way_back=Difference(left=V2, to=V1, pin=("version: v2.0.0 -> v1.0.0",), preview=back),
        obstacles=obstacles,
        hold=None,
    )


@pytest.mark.parametrize(
    ("preview", "changes"),
    [(CHANGED, True), (SAME, False), ("Resources:\n    +-1 to replace\n", True), ("", False)],
)
def test_whether_the_engine_would_change_anything_is_read_from_its_sum(preview, changes):
    assert Difference(left=None, to=V1, pin=(), preview=preview).changes is changes


def test_both_ways_are_shown_and_what_the_engine_says_of_them():
    lines = shown(view, planned())
    assert lines[:2] == ["forward: v1.0.0 -> v2.0.0", "  version: v1.0.0 -> v2.0.0"]
    assert "    ~ 1 to update" in lines
    assert "the way back: v2.0.0 -> v1.0.0" in lines
    assert "From here it changes nothing: going back brings back exactly what runs now." in lines
    assert lines[-1] == "The way back is open."


def test_an_obstacle_closes_the_way_back_and_has_an_exit_code_of_its_own():
    found = planned(obstacles=("flag peers is gone, and v1.0.0 has it",))
    lines = shown(view, found)
    assert lines[-2:] == ["not sure: flag peers is gone, and v1.0.0 has it", "The way back is not open."]
    assert found.outcome is Outcome.NO_WAY_BACK
    assert planned().outcome is Outcome.DONE
