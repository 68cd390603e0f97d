import pytest

from policy.declaration import UNKNOWN
from policy.rules.images import ALLOWED_REGISTRY, BY_DIGEST, NO_LATEST
from tests.policy.declarations import found

DIGEST = "sha256:" + "ab" * 32
POD = "kubernetes:core/v1:Pod"
RELEASE = "kubernetes:helm.sh/v3:Release"


def in_pod(image):
    return {"spec": {"containers": [{"name": "node", "image": image}]}}


def in_chart(**image):
    return {"values": {"image": image}}


def test_an_image_by_digest_is_accepted():
    assert not found(BY_DIGEST, POD, in_pod(f"ghcr.io/alys/node:v1.0.0@{DIGEST}"))


def test_an_image_by_tag_alone_is_refused():
    assert "has no digest" in found(BY_DIGEST, POD, in_pod("ghcr.io/alys/node:v1.0.0"))


def test_a_chart_with_an_image_by_tag_alone_is_refused():
    values = in_chart(repository="ghcr.io/alys/node", version="v1.0.0", digest="")
    assert "has no digest" in found(BY_DIGEST, RELEASE, values)


def test_a_chart_with_an_image_by_digest_is_accepted():
    values = in_chart(repository="ghcr.io/alys/node", version="v1.0.0", digest=DIGEST)
    assert not found(BY_DIGEST, RELEASE, values)


@pytest.mark.parametrize("host", ["localhost:5055", "127.0.0.1:5055", "localhost"])
def test_this_machines_own_images_need_no_digest(host):
    assert not found(BY_DIGEST, POD, in_pod(f"{host}/alys/node:v1.0.0"))


def test_a_host_that_only_begins_like_this_machine_is_refused():
    assert "has no digest" in found(BY_DIGEST, POD, in_pod("localhost.evil.example/alys/node:v1.0.0"))


@pytest.mark.parametrize(
    "repository",
    [
        "ghcr.io/alys/node",
        "111111111111.dkr.ecr.us-east-1.amazonaws.com/ghcr-staging/alys/node",
        "localhost:5055/alys/node",
    ],
)
def test_an_image_from_a_known_registry_is_accepted(repository):
    assert not found(ALLOWED_REGISTRY, POD, in_pod(f"{repository}@{DIGEST}"))


@pytest.mark.parametrize(
    "repository",
    ["docker.io/library/nginx", "nginx", "ghcr.io/alys-evil/node", "ghcr.io.evil.example/alys/node"],
)
def test_an_image_from_another_registry_is_refused(repository):
    assert "isn't allowed" in found(ALLOWED_REGISTRY, POD, in_pod(f"{repository}@{DIGEST}"))


@pytest.mark.parametrize(
    "image", ["ghcr.io/alys/node:latest", "ghcr.io/alys/node", "localhost:5055/alys/node"]
)
def test_an_image_that_moves_by_itself_is_refused(image):
    assert "moves by itself" in found(NO_LATEST, POD, in_pod(image))


@pytest.mark.parametrize("image", ["ghcr.io/alys/node:v1.0.0", f"ghcr.io/alys/node@{DIGEST}"])
def test_an_image_with_a_version_or_a_digest_is_accepted(image):
    assert not found(NO_LATEST, POD, in_pod(image))


def test_an_image_that_only_an_update_will_know_is_asked_about_then():
    assert not found(BY_DIGEST, POD, in_pod(UNKNOWN))
