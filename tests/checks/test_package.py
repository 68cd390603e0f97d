import base64
import json

import httpx
import pytest

from checks.package import TOKEN, access
from settings import Settings

DIGEST = "sha256:" + "ab" * 32
PACKAGE = "/orgs/alys/packages/container/node"
LINKED = {PACKAGE: (200, {"visibility": "private", "repository": {"full_name": "alys/alys"}})}


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv(TOKEN, "hunter2")


def settings(image="ghcr.io/alys/node", **sections):
    return Settings.model_validate(
        {
            "version": "v1.0.0",
            "digest": DIGEST,
            "release": {"image": image, "context": "any"},
            "github": {"repository": "alys/alys"},
            **sections,
        }
    )


WITH_REGISTRY = {
    "registry": {"username": "alys-bot"},
    "account": {"id": "111111111111", "region": "us-east-1", "owner": "platform"},
}


def ghcr(*, may_pull=True):
    """GHCR's two steps: a token for a scope, and the tags with it."""

    def answer(request):
        if request.url.path == "/token":
            user = base64.b64decode(request.headers["Authorization"].split()[1]).decode()
            scope = request.url.params["scope"]
            granted = user == "alys-bot:hunter2" and scope == "repository:alys/node:pull"
            return httpx.Response(200 if granted else 401, json={"token": "granted"})
        allowed = may_pull and request.headers["Authorization"] == "Bearer granted"
        assert request.url.path == "/v2/alys/node/tags/list"
        return httpx.Response(200 if allowed else 403, json={"tags": []})

    return httpx.Client(base_url="https://ghcr.io", transport=httpx.MockTransport(answer))


def test_a_package_of_the_repository_is_accepted(github):
    (finding,) = access(settings(), github(LINKED), ghcr())
    assert (finding.ok, finding.what) == (True, "package alys/node is private and belongs to alys/alys")


def test_a_package_belongs_to_the_repository_that_builds_it(github):
    """The one that deploys it holds the stack files, and may be another."""
    built = {"repository": "alys/alys", "workflow": "alys/alys-release/.github/workflows/image.yml"}
    deployed_by_another = settings(
        github={"repository": "alys/alys-release"},
        **WITH_REGISTRY | {"registry": {"username": "alys-bot", "attestation": built}},
    )
    findings = list(access(deployed_by_another, github(LINKED), ghcr()))
    assert (findings[0].ok, findings[0].what) == (
        True,
        "package alys/node is private and belongs to alys/alys",
    )


@pytest.mark.parametrize(
    ("linked", "said"), [(None, "no repository"), ({"full_name": "alys/other"}, "alys/other")]
)
def test_a_package_of_another_repository_comes_with_its_settings_page(github, linked, said):
    answers = {PACKAGE: (200, {"visibility": "private", "repository": linked})}
    (finding,) = access(settings(), github(answers), ghcr())
    assert not finding.ok
    assert said in finding.what
    assert "https://github.com/orgs/alys/packages/container/node/settings" in finding.remedy


def test_a_package_that_is_not_there_comes_with_the_label_to_push(github):
    (finding,) = access(settings(), github({}), ghcr())
    assert "org.opencontainers.image.source=https://github.com/alys/alys" in finding.remedy


def test_the_page_of_a_package_with_a_slash_is_escaped(github):
    (finding,) = access(settings("ghcr.io/alys/node/debug"), github({}), ghcr())
    assert "/container/node%2Fdebug/settings" in finding.remedy


def test_an_account_that_may_pull_is_accepted(github):
    pull = list(access(settings(**WITH_REGISTRY), github(LINKED), ghcr()))[-1]
    assert (pull.ok, pull.what) == (True, "alys-bot may pull alys/node")


def test_an_account_that_may_not_pull_is_refused(github):
    pull = list(access(settings(**WITH_REGISTRY), github(LINKED), ghcr(may_pull=False)))[-1]
    assert not pull.ok
    assert "ghcr.io answered 403" in pull.what


def test_a_wrong_token_is_refused_and_not_shown(github, monkeypatch):
    monkeypatch.setenv(TOKEN, "s3cret")
    findings = list(access(settings(**WITH_REGISTRY), github(LINKED), ghcr()))
    assert not findings[-1].ok
    assert "s3cret" not in json.dumps([str(one) for one in findings])


def test_without_the_token_nothing_is_claimed(github, monkeypatch):
    monkeypatch.delenv(TOKEN)
    pull = list(access(settings(**WITH_REGISTRY), github(LINKED), ghcr()))[-1]
    assert not pull.ok
    assert "is not known" in pull.what


def test_an_image_of_this_machine_is_none_of_ghcrs(github):
    local = settings("localhost:5055/alys/node", github=None)
    assert list(access(local, github({}), ghcr())) == []
