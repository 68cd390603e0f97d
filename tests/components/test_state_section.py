from components.state_section import backend_url
from tests.stacks import recorded


def test_the_outputs_are_what_to_type_next():
    first, second, third = recorded("bootstrap").outputs["next"]
    assert first == "pulumi login 's3://alys-state-111111111111?region=us-east-1'"
    assert second.startswith("pulumi stack init staging --secrets-provider 'awskms:///arn:aws:kms:us-east-1:")
    assert second.endswith("?region=us-east-1&context_stack=staging'")
    assert third == "pulumi up -s staging"


def test_the_backend_is_named_as_pulumi_takes_it():
    assert backend_url("alys-state", "eu-central-1") == "s3://alys-state?region=eu-central-1"
