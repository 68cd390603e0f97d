import json

import pulumi

from components.image_cache import docker_login
from tests.cloud import REGISTRY, TOKEN, declared
from tests.recorder import record

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"


def test_direct_pulls_need_no_cache():
    assert declared(registry={**REGISTRY, "mode": "direct"}).all(RULE) == []


def test_a_login_is_what_docker_reads_and_stays_secret():
    class Holder(pulumi.CustomResource):
        def __init__(self):
            super().__init__("test:index:Holder", "holder", {"login": docker_login("alys-bot", TOKEN)})

    holder = record(Holder).one("test:index:Holder")
    assert json.loads(holder.inputs["login"]) == {
        "auths": {"ghcr.io": {"username": "alys-bot", "password": TOKEN}}
    }
    assert "login" in holder.secrets
