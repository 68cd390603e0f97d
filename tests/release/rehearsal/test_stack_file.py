"""What of a stack file a copy has."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from release.rehearsal import stack_file
from release.rehearsal.stack_file import Place
from settings import Settings, own_keys

PLACE = Place(namespace="alys-staging-rehearsal", context="eks", image="111.dkr.example/ghcr/alys/node")
ROOT = Path(__file__).parents[3]


def own(stack):
    return yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]


@pytest.mark.parametrize("stack", ["local", "testnet", "staging", "canary", "production"])
def test_a_copy_of_each_stack_releases_and_does_nothing_else(stack):
    config = own(stack)
    place = replace(PLACE, image=config["alys:release"]["image"])
    made = Settings.model_validate(own_keys(stack_file.config(config, place)))
    declared = {name for name in Settings.model_fields if getattr(made, name)}
    assert declared == {"pin", "release", "strategy"}
    assert made.release
    assert (made.release.namespace, made.release.context) == (PLACE.namespace, PLACE.context)


def test_a_copy_has_its_image_from_where_the_stacks_own_pods_have_it():
    assert stack_file.config(own("staging"), PLACE)["alys:release"]["image"] == PLACE.image


def test_nothing_of_a_copy_is_protected_or_reached_from_outside():
    release = stack_file.config(own("local"), PLACE)["alys:release"]
    assert (release["protect"], release["service"]) == (False, "ClusterIP")


def test_a_pod_of_a_copy_takes_the_room_that_there_is():
    staging = own("staging")
    assert (
        stack_file.config(staging, PLACE)["alys:release"]["resources"] == staging["alys:release"]["rehearsal"]
    )
    local = own("local")
    assert stack_file.config(local, PLACE)["alys:release"]["resources"] == local["alys:release"]["resources"]


def test_no_secret_is_in_a_copy():
    config = own("local")
    assert stack_file.secrets(config) == ("node-key",)
    assert "node-key" not in str(stack_file.config(config, PLACE))
    assert stack_file.secrets({}) == ()


def test_a_copy_pulls_as_the_stacks_own_pods_do():
    config = own("staging")
    assert "alys:registry" not in stack_file.config(config, PLACE)
    config["alys:registry"] |= {"mode": "direct"}
    assert stack_file.config(config, PLACE)["alys:registry"] == {"mode": "direct", "username": "alys-bot"}
