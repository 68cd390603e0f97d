from tests.cloud import ACCESS, declared, of, statements

ROLE = "aws:iam/role:Role"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
SUBJECT = "token.actions.githubusercontent.com:sub"


def roles(**changes):
    recording = declared(access={**ACCESS, **changes})
    return {one.inputs["name"]: one for one in recording.all(ROLE)}


def subject(role):
    (statement,) = statements(role, "assumeRolePolicy").values()
    return statement["Condition"]["StringEquals"][SUBJECT]


def test_each_github_environment_has_a_role_of_its_own():
    assert {name: subject(role).rpartition(":")[2] for name, role in roles().items()} == {
        "alys-staging": "staging",
        "alys-staging-rollback": "staging-rollback",
        "alys-staging-preview": "staging-preview",
    }


def test_an_approval_for_a_deployment_is_none_for_a_rollback():
    found = roles()
    assert subject(found["alys-staging"]) != subject(found["alys-staging-rollback"])


def test_no_role_exceeds_the_boundary_whatever_it_is_given():
    recording = declared(access=ACCESS)
    limits = {of(recording, one.sources["permissionsBoundary"][0]).name for one in recording.all(ROLE)}
    assert limits == {"boundary"}


def test_a_deployment_has_time_to_soak():
    found = {name: role.inputs["maxSessionDuration"] for name, role in roles().items()}
    assert found == {
        "alys-staging": 4 * 3600,
        "alys-staging-rollback": 3600,
        "alys-staging-preview": 3600,
    }


def test_the_issuer_is_declared_once_an_account():
    assert declared(access=ACCESS).all(PROVIDER) == []
    issuer = declared(access={**ACCESS, "oidc_provider": True}).one(PROVIDER)
    assert issuer.inputs["url"] == "https://token.actions.githubusercontent.com"
    assert issuer.inputs["clientIdLists"] == ["sts.amazonaws.com"]
    assert issuer.protect


def test_an_account_may_hold_the_issuer_and_no_role():
    recording = declared(access={"oidc_provider": True})
    assert recording.all(ROLE) == []
    assert len(recording.all(PROVIDER)) == 1


def test_the_classic_subject_is_chosen_explicitly():
    found = roles(trust={"repository": "alys/alys", "subject": "classic"})
    assert subject(found["alys-staging"]) == "repo:alys/alys:environment:staging"
