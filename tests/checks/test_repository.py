import pytest

from checks.repository import identity, pipelines
from settings import Settings

ACCESS = {
    "trust": {"repository": "alys/alys", "owner_id": 11, "repository_id": 22},
    "state": {"bucket": "alys-state", "key": "arn:aws:kms:us-east-1:111111111111:key/1"},
}
ACCOUNT = {"id": "111111111111", "region": "us-east-1", "owner": "platform"}


def repository(**changes):
    found = {"id": 22, "full_name": "alys/alys", "default_branch": "main", "private": False}
    found |= {"owner": {"id": 11}}
    return {"/repos/alys/alys": (200, {**found, **changes})}


def findings(github, answers, access=ACCESS, **section):
    settings = Settings.model_validate(
        {
            "account": ACCOUNT,
            "github": {"repository": "alys/alys", **section},
            **({"access": access} if access else {}),
        }
    )
    return list(identity("staging", settings, github(answers)))


def wrong(found):
    return [f"{one.what}\n{one.remedy}" for one in found if not one.ok]


def test_the_repository_with_the_trusted_ids_is_accepted(github):
    found = findings(github, repository())
    assert wrong(found) == []
    assert [one.what for one in found] == [
        "repository alys/alys is 22, of 11",
        "tokens of alys/alys carry the ids that the roles trust",
    ]


@pytest.mark.parametrize("changes", [{"id": 23}, {"owner": {"id": 12}}])
def test_other_ids_come_with_the_yaml_to_paste(github, changes):
    """A repository that was deleted and made again has the old name and a new id."""
    (said,) = wrong(findings(github, repository(**changes)))
    ids = {"owner": {"id": 11}, "id": 22} | changes
    assert f"owner_id: {ids['owner']['id']}\n      repository_id: {ids['id']}" in said


def test_a_classic_subject_has_no_ids_to_compare(github):
    classic = {**ACCESS, "trust": {"repository": "alys/alys", "subject": "classic"}}
    assert wrong(findings(github, repository(id=23), access=classic)) == []


def test_a_renamed_repository_is_refused(github):
    (said,) = wrong(findings(github, repository(full_name="alys/node"), access=None))
    assert "is called alys/node now" in said


def test_another_default_branch_could_deploy_nothing(github):
    (said,) = wrong(findings(github, repository(default_branch="trunk"), access=None))
    assert "branches: [trunk]" in said


def test_an_unknown_repository_is_refused(github):
    (said,) = wrong(findings(github, {}))
    assert "unknown to GitHub" in said


def test_a_stack_without_github_asks_nothing(github):
    assert list(identity("local", Settings(), github({}))) == []


def of_pipelines(github, answers):
    installed = {"source": "alys/alys", "commit": "0" * 40}
    rules = {"repository": "alys/node", "required_checks": ["check"], "pipelines": installed}
    return list(pipelines("repository", Settings.model_validate({"repository": rules}), github(answers)))


def test_pipelines_that_everybody_can_read_are_called(github):
    assert wrong(of_pipelines(github, repository())) == []


@pytest.mark.parametrize("answers", [repository(private=True), {}])
def test_pipelines_that_are_not_public_could_be_called_and_never_checked_out(github, answers):
    """The caller's own token checks them out, and GitHub gives it no other private repository."""
    (said,) = wrong(of_pipelines(github, answers))
    assert "jobs of the node's repository can't read alys/alys" in said
    assert "Pulumi.repository.yaml, alys:repository.pipelines.source" in said
    assert "gh repo edit alys/alys --visibility public" in said


def test_a_repository_without_pipelines_calls_none(github):
    assert list(pipelines("delivery", Settings(), github({}))) == []
