"""What a deployment is planned from, and what is refused before any write."""

from dataclasses import replace

import pytest

from release.errors import RefusedError
from release.past import ledger as ledgers
from release.survey import Survey
from release.verbs.deploy import Wish, attested, prepare
from sections.pin import Pin
from sections.registry import Registry
from tests.release.receiver import Reply
from tests.release.world import FakeCluster, World

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def site(tmp_path, receiver):
    """A stack whose registry and GitHub are the receiver."""
    receiver.answer = lambda _: Reply(headers={"Docker-Content-Digest": DIGEST})
    (tmp_path / "migration").mkdir()
    (tmp_path / "migration" / "gates.toml").write_text(
        '[gates.errors]\nsays = "e"\nseries = "e"\nquery = "sum($series)"\nmax = 0\n'
        '[phases]\nrelease = ["errors"]\n'
    )
    world = World(folder=tmp_path)
    image = receiver.address.removeprefix("http://") + "/alys/node"
    world.file.path.write_text(world.file.path.read_text().replace("localhost:5055/alys/node", image))
    made = world.site()
    environment = {"ALYS_PROMETHEUS": receiver.address, "GITHUB_API_URL": receiver.address}
    return replace(made, environment=environment)


def planned(site, wish):
    survey = Survey(
        ledger=ledgers.ledger(site.stack.history()),
        state=site.stack.state(),
        locks={},
        cluster=FakeCluster(site.stack.world),
        helm=(),
        uid="1",
    )
    return prepare(site, survey, wish)


def test_a_version_gets_its_digest_and_the_strategys_steps(site):
    plan = planned(site, Wish(version="v2.0.0"))
    assert plan.pin == Pin(version="v2.0.0", digest=DIGEST)
    assert plan.steps == (10, 50, 100)
    assert plan.soak_seconds == 300


def test_the_command_line_goes_before_the_strategy(site):
    plan = planned(site, Wish(version="v2.0.0", steps=(25,), soak_seconds=1))
    assert (plan.steps, plan.soak_seconds, plan.pin.rollout) == ((25,), 1, 25)


def test_without_a_version_the_stack_files_pin_is_released_up_to_its_share(site):
    site.file.write(Pin(version="v1.0.0", rollout=60))
    assert planned(site, Wish()).steps == (10, 50, 60)


def test_a_pin_of_nothing_is_refused(site):
    """Fault 24."""
    site.file.write(Pin(version="v1.0.0", rollout=0))
    with pytest.raises(RefusedError, match="a rollout of 0 %"):
        planned(site, Wish())


def test_a_tag_that_is_not_what_was_pinned_is_refused(site):
    """Fault 13: it has moved."""
    site.file.write(Pin(version="v1.0.0", digest=OTHER))
    with pytest.raises(RefusedError, match="has moved"):
        planned(site, Wish())


def test_an_image_that_nobody_attests_is_refused_where_it_has_to_be(site, receiver):
    receiver.answer = lambda _: Reply(status=404)
    attestation = {"repository": "alys/alys", "workflow": "alys/ci/.github/workflows/image.yml"}
    registry = Registry.model_validate({"username": "bot", "attestation": attestation})
    guarded = replace(site, settings=site.settings.model_copy(update={"registry": registry}))
    with pytest.raises(RefusedError, match="GitHub has no attestation of the image"):
        attested(guarded, "ghcr.io/alys/node", DIGEST)
    attested(site, "ghcr.io/alys/node", DIGEST)
