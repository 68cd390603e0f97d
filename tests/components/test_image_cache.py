import json

from components.image_cache import cached
from sections.account import Account
from tests.cloud import ACCOUNT, REGISTRY, TOKEN, declared, of, statements

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def cache(**changes):
    return declared(registry={**REGISTRY, **changes})


def test_ecr_asks_ghcr_with_the_login():
    recording = cache()
    rule = recording.one(RULE)
    assert rule.inputs["upstreamRegistryUrl"] == "ghcr.io"
    assert rule.inputs["ecrRepositoryPrefix"] == "ghcr-staging"
    assert of(recording, rule.sources["credentialArn"][0]).name == "images-login"


def test_the_login_has_the_one_name_that_ecr_accepts():
    login = cache().one("aws:secretsmanager/secret:Secret")
    assert login.inputs["name"] == "ecr-pullthroughcache/alys-staging"
    assert "environment-key" in login.sources["kmsKeyId"][0]


def test_the_token_is_a_secret_in_the_state():
    version = cache().one(VERSION)
    assert "secretString" in version.secrets
    assert json.loads(version.inputs["secretString"]) == {"username": "alys-bot", "accessToken": TOKEN}


def test_a_cached_repository_is_encrypted_and_its_tags_never_move():
    template = cache().one(TEMPLATE).inputs
    assert template["appliedFors"] == ["PULL_THROUGH_CACHE"]
    assert template["encryptionConfigurations"][0]["encryptionType"] == "KMS"
    assert template["imageTagMutability"] == "IMMUTABLE"
    assert template["resourceTags"] == {
        "project": "alys",
        "environment": "staging",
        "owner": ACCOUNT["owner"],
        "managed-by": "pulumi",
    }


def test_the_first_pull_finds_template_and_login():
    waited = {urn.rpartition("::")[2] for urn in cache().one(RULE).depends_on}
    assert {"images-template", "images-token"} <= waited


def test_the_makers_role_makes_repositories_of_this_cache_alone():
    policy = cache(prefix="mirror").one("aws:iam/rolePolicy:RolePolicy", "images-maker")
    assert statements(policy)["Make"]["Resource"] == (
        "arn:aws:ecr:us-east-1:111111111111:repository/mirror/*"
    )


def test_an_image_keeps_its_path_in_the_cache():
    assert cached("ghcr.io/alys/node", Account(**ACCOUNT), "ghcr-staging") == (
        "111111111111.dkr.ecr.us-east-1.amazonaws.com/ghcr-staging/alys/node"
    )
