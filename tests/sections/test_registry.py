import pytest
from pulumi.runtime import set_all_config

import configuration
from sections.mistakes import UnusableError
from tests.sections.refusals import refusal


@pytest.mark.parametrize("prefix", ["x", "UPPER", "a" * 31, "with/slash"])
def test_a_prefix_that_ecr_refuses_is_refused(prefix):
    assert "alys:registry.prefix" in refusal("registry.prefix", prefix)


def test_a_builder_is_a_workflow_file():
    message = refusal("registry.attestation", {"repository": "alys/alys", "workflow": "image.yml"})
    assert "alys:registry.attestation.workflow" in message
    assert "workflow: alys/alys-release/.github/workflows/image.yml" in message


def test_without_a_token_the_command_that_sets_it_is_given():
    set_all_config({}, [])
    with pytest.raises(UnusableError, match="pulumi config set --stack staging --secret registry_token"):
        configuration.read_registry_token("staging")
