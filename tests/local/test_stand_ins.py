import json
from importlib import metadata

import pytest

from local import stand_ins, tools

VERSION = metadata.version("pulumi-kubernetes")
PROVIDERS = ["pulumi-resource-kubernetes", "pulumi-resource-aws", "pulumi-resource-github"]


@pytest.fixture
def pulumi(own_cache, programs):
    """A CLI that was built here, with no plugin and no way to one."""
    own_cache.mkdir(parents=True)
    programs.answer("pulumi plugin ls --json", "[]")
    programs.answer("pulumi plugin install", "", 1)
    programs.answer("pulumi version", "v3.1.0")
    return programs.folder / "pulumi"


def asked(programs) -> int:
    return len([call for call in programs.calls() if call[1:3] == ["plugin", "install"]])


def test_where_no_plugin_can_be_had_all_are_stood_in_for(pulumi):
    assert stand_ins.needed(pulumi) == ["pulumi-language-python", *PROVIDERS]


def test_the_network_is_asked_once_a_machine(pulumi, programs):
    stand_ins.needed(pulumi)
    stand_ins.needed(pulumi)
    assert asked(programs) == 1


def test_a_refusal_is_remembered_with_its_reason(pulumi):
    stand_ins.needed(pulumi)
    reason = f"`{pulumi} plugin install resource kubernetes {VERSION}` said: this is a fake pulumi"
    assert json.loads(stand_ins.refusals().read_text()) == {f"kubernetes-{VERSION}": reason}


def test_an_installed_plugin_is_used(pulumi, programs):
    programs.answer("pulumi plugin ls --json", json.dumps([{"name": "kubernetes", "version": VERSION}]))
    assert stand_ins.needed(pulumi) == ["pulumi-language-python"]
    assert asked(programs) == 0


def test_an_installed_plugin_of_another_version_is_not_the_one(pulumi, programs):
    programs.answer("pulumi plugin ls --json", json.dumps([{"name": "kubernetes", "version": "1.0.0"}]))
    assert stand_ins.needed(pulumi) == ["pulumi-language-python", *PROVIDERS]


def test_a_plugin_that_can_be_fetched_is_fetched(pulumi, programs):
    programs.answer("pulumi plugin install", "", 0)
    assert stand_ins.needed(pulumi) == ["pulumi-language-python"]


def test_a_users_own_cli_keeps_its_own_language_host(pulumi, programs):
    minor = tools.PULUMI.version
    programs.program("pulumi-language-python")
    programs.answer("pulumi version", minor)
    assert stand_ins.needed(pulumi) == PROVIDERS


@pytest.mark.parametrize("name", stand_ins.MODULES)
def test_every_stand_in_is_a_module_of_ours(name):
    module = stand_ins.MODULES[name][0]
    path = tools.BUILD.parent.parent / f"{module.replace('.', '/')}"
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()
