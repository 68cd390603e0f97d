"""Every stack file's program against every rule."""

import pytest

from policy.declaration import Declaration, Secret
from policy.rule import program_violations, violations
from policy.rules import PROGRAM_RULES, RULES
from tests.recorder import Recording, Registration
from tests.stacks import NAMES, recorded


def declarations(recording: Recording) -> list[Declaration]:
    by_urn = {one.urn: one for one in recording.registrations}
    return [_declaration(one, by_urn) for one in recording.registrations]


def _declaration(one: Registration, by_urn: dict[str, Registration]) -> Declaration:
    provider = by_urn.get(one.provider.rpartition("::")[0])
    return Declaration(
        type=one.type,
        name=one.name,
        urn=one.urn,
        inputs=_marked(one.inputs, "", one.secrets),
        protect=one.protect,
        provider=provider.inputs if provider else {},
        dependencies=one.sources,
    )


def _marked(value, path, secrets):
    if path in secrets:
        return Secret(value)
    if isinstance(value, dict):
        return {key: _marked(one, f"{path}.{key}" if path else key, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, f"{path}[{index}]", secrets) for index, one in enumerate(value)]
    return value


@pytest.mark.parametrize("stack", NAMES)
def test_the_program_of_a_stack_breaks_no_rule(stack):
    declared = declarations(recorded(stack))
    found = [one for declaration in declared for one in violations(RULES, declaration)]
    found += program_violations(PROGRAM_RULES, declared)
    assert [str(one) for one in found] == []


def test_a_stack_holds_what_the_rules_are_about():
    """Else a rule would accept every stack because it never meets one."""
    types = {one.type for stack in NAMES for one in recorded(stack).registrations}
    assert "github:index/repositoryEnvironment:RepositoryEnvironment" in types
    assert "kubernetes:core/v1:Namespace" in types


def test_a_secret_of_a_recorded_program_keeps_its_mark():
    (secret,) = [one for one in declarations(recorded("local")) if one.type == "kubernetes:core/v1:Secret"]
    assert isinstance(secret.inputs["stringData"], Secret)
