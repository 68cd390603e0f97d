import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from sections.schema import FILE, schema

STACK_FILES = sorted(path for path in FILE.parent.glob("Pulumi.*.yaml"))


def mistakes(config):
    validator = jsonschema.Draft202012Validator(schema())
    return [error.message for error in validator.iter_errors({"config": config})]


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: path.name)
def test_every_stack_file_fits(path: Path):
    stack_file = yaml.safe_load(path.read_text())
    assert mistakes(stack_file["config"]) == []


def test_the_schema_is_one_itself():
    jsonschema.Draft202012Validator.check_schema(json.loads(FILE.read_text()))


@pytest.mark.parametrize("key", ["secrets", "github_secrets", "alert_secrets"])
def test_secrets_by_name_fit_as_pulumi_writes_them(key):
    assert mistakes({f"alys:{key}": {"slack": {"secure": "v1:abc"}}}) == []
    assert mistakes({f"alys:{key}": {"secure": "v1:abc"}})


def test_the_one_token_fits_as_pulumi_writes_it():
    assert mistakes({"alys:registry_token": {"secure": "v1:abc"}}) == []
    assert mistakes({"alys:registry_token": {"slack": {"secure": "v1:abc"}}})


def test_a_misspelt_key_is_marked():
    assert mistakes({"alys:verson": "v1.0.0"})


def test_a_misspelt_key_inside_a_section_is_marked():
    assert mistakes({"alys:repository": {"repository": "alys/alys", "required_checks": ["a"], "aprovals": 2}})


def test_keys_of_others_are_left_alone():
    assert mistakes({"aws:region": "us-east-1"}) == []


@pytest.mark.parametrize("flag", [True, 50, "fast", {"value": True, "since": "v2.0.0"}])
def test_a_flag_is_a_value_or_says_since_when(flag):
    assert mistakes({"alys:flags": {"fast_sync": flag}}) == []


def test_a_secret_in_plain_text_is_marked():
    assert mistakes({"alys:secrets": {"node-key": "plain"}})
    assert mistakes({"alys:secrets": {"node-key": {"secure": "v1:abc"}}}) == []
