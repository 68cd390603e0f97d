import json

import pulumi

from components.registry_login import registry_login
from sections.registry import Registry
from tests.cloud import REGISTRY, TOKEN, declared
from tests.recorder import record

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"


def test_direct_pulls_need_no_cache():
    assert declared(registry={**REGISTRY, "mode": "direct"}).all(RULE) == []


def holder(registry, image):
    class Holder(pulumi.CustomResource):
        def __init__(self):
            login = registry_login(Registry.model_validate(registry), image, TOKEN)
            super().__init__("test:index:Holder", "holder", {"login": login})

    return record(Holder).one("test:index:Holder")


def test_a_login_is_what_docker_reads_and_stays_secret():
    made = holder({**REGISTRY, "mode": "direct"}, "ghcr.io/alys/node")
    assert json.loads(made.inputs["login"]) == {
        "auths": {"ghcr.io": {"username": "alys-bot", "password": TOKEN}}
    }
    assert "login" in made.secrets


def test_a_login_is_for_the_images_own_registry():
    made = holder({**REGISTRY, "mode": "direct"}, "registry.example:5000/alys/node")
    assert list(json.loads(made.inputs["login"])["auths"]) == ["registry.example:5000"]


def test_machines_that_pull_through_the_cache_need_no_login():
    assert "login" not in holder(REGISTRY, "ghcr.io/alys/node").inputs
