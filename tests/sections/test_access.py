import pytest

from tests.sections.refusals import changed, read, refusal


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("owner_id", "gh api users/alys --jq .id"),
        ("repository_id", "gh api repos/alys/alys --jq .id"),
    ],
)
def test_an_immutable_subject_without_an_id_is_refused_with_the_command_that_finds_it(key, command):
    message = refusal(f"access.trust.{key}", None)
    assert f"alys:access.trust.{key} is missing" in message
    assert command in message


def test_the_classic_subject_needs_no_id():
    trust = {"repository": "alys/alys", "subject": "classic"}
    found = read(changed("access.trust", trust)).access
    assert found is not None
    assert found.trust is not None
    assert found.trust.subject == "classic"


def test_a_form_of_subject_that_github_does_not_send_is_refused():
    message = refusal("access.trust.subject", "exact")
    assert "alys:access.trust.subject" in message
    assert "subject: immutable" in message


def test_roles_without_state_are_refused():
    message = refusal("access.state", None)
    assert "alys:access.state is missing" in message
    assert "bucket: alys-state-111111111111" in message
