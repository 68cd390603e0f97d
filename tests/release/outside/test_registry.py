import base64
import hashlib
import json
import os
import socket
import subprocess
import time

import httpx
import pytest

from local import debian
from release.errors import RefusedError
from release.outside import registry
from release.outside.registry import Absent, Denied, Found, Registry, Unreachable, logins
from tests.release.receiver import Reply

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The address of a registry of Debian's package, over plain HTTP."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": True}}
    (folder / "registry.yml").write_text(
        json.dumps({"version": "0.1", "storage": storage, "http": {"addr": host}})
    )
    root = debian.ensure()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(root / "usr/bin/docker-registry"), "serve", str(folder / "registry.yml")],
            env=os.environ | debian.environment(root),
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://{host}/v2/")
                break
            except httpx.TransportError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield host
    finally:
        process.kill()
        process.wait()


def push(host, name, tag, *, index=False, mark=""):
    """An image of nothing, and its digest; with `index`, an index that holds it."""
    base = f"http://{host}/v2/{name}"
    config = json.dumps({"mark": mark}).encode()
    config_digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    started = httpx.post(f"{base}/blobs/uploads/")
    place = httpx.URL(started.headers["location"]).copy_merge_params({"digest": config_digest})
    httpx.put(place, content=config).raise_for_status()
    described = {"mediaType": "application/vnd.oci.image.config.v1+json"}
    described |= {"digest": config_digest, "size": len(config)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": []}
    pushed = put(base, tag, manifest)
    if index:
        held = {"mediaType": MANIFEST, "digest": pushed, "size": len(json.dumps(manifest))}
        held["platform"] = {"architecture": "arm64", "os": "linux"}
        return put(base, tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": [held]})
    return pushed


def put(base, tag, manifest):
    answer = httpx.put(
        f"{base}/manifests/{tag}",
        content=json.dumps(manifest),
        headers={"Content-Type": manifest["mediaType"]},
    )
    answer.raise_for_status()
    return answer.headers["docker-content-digest"]


@pytest.fixture
def look_up():
    def _look_up(image, reference, *, known=None, limit=30.0):
        with httpx.Client() as http:
            return Registry(http=http, logins=known, limit=limit).look_up(image, reference)

    return _look_up


def test_a_tag_is_found_by_its_digest(real, look_up):
    digest = push(real, "alys/node", "v1.0.0")
    assert look_up(f"{real}/alys/node", "v1.0.0") == Found(digest=digest)


def test_the_digest_of_a_multi_arch_image_is_its_index_s(real, look_up):
    digest = push(real, "alys/node", "v2.0.0", index=True)
    assert look_up(f"{real}/alys/node", "v2.0.0") == Found(digest=digest)


def test_a_tag_that_was_never_pushed_is_absent(real, look_up):
    """Fault 13."""
    push(real, "alys/node", "v1.0.0")
    assert look_up(f"{real}/alys/node", "v9.9.9") == Absent()
    assert look_up(f"{real}/alys/other", "v1.0.0") == Absent()


def test_a_digest_that_is_gone_is_absent(real, look_up):
    """Fault 19."""
    digest = push(real, "alys/gone", "v1.0.0", mark="gone")
    assert look_up(f"{real}/alys/gone", digest) == Found(digest=digest)
    httpx.delete(f"http://{real}/v2/alys/gone/manifests/{digest}").raise_for_status()
    assert look_up(f"{real}/alys/gone", digest) == Absent()


def test_a_tag_that_was_moved_is_found_by_its_new_digest(real, look_up):
    old = push(real, "alys/moved", "v1.0.0", mark="old")
    new = push(real, "alys/moved", "v1.0.0", mark="new")
    assert look_up(f"{real}/alys/moved", "v1.0.0") == Found(digest=new) != Found(digest=old)


@pytest.fixture
def guarded(receiver):
    """A registry that wants a token, as ghcr.io does; its image, and where it sends for tokens."""
    realm = [f"{receiver.address}/token"]

    def answer(request):
        if request.path.startswith("/token"):
            return Reply(body=json.dumps({"token": "short-lived"}).encode())
        if request.headers.get("authorization") == "Bearer short-lived":
            return Reply(headers={"Docker-Content-Digest": DIGEST})
        challenge = f'Bearer realm="{realm[0]}",service="ghcr.io",scope="repository:alys/node:pull"'
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    receiver.answer = answer
    return f"{receiver.address.removeprefix('http://')}/alys/node", realm


def test_a_token_is_fetched_with_the_password_of_the_registry(guarded, receiver, look_up):
    image, _ = guarded
    known = {image.partition("/")[0]: "token:planted"}
    assert look_up(image, "v1.0.0", known=known) == Found(digest=DIGEST)
    assert [(request.method, request.path) for request in receiver.requests] == [
        ("HEAD", "/v2/alys/node/manifests/v1.0.0"),
        ("GET", "/token?service=ghcr.io&scope=repository%3Aalys%2Fnode%3Apull"),
        ("HEAD", "/v2/alys/node/manifests/v1.0.0"),
    ]
    sent = receiver.requests[1].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent) == b"token:planted"


def test_a_public_image_needs_no_password(guarded, look_up):
    assert look_up(guarded[0], "v1.0.0") == Found(digest=DIGEST)


def test_a_password_is_not_sent_where_the_registry_points_to(guarded, receiver, look_up):
    """A registry that is taken over could point to anybody."""
    image, realm = guarded
    realm[0] = realm[0].replace("127.0.0.1", "localhost")
    look_up(image, "v1.0.0", known={image.partition("/")[0]: "token:planted"})
    assert [r.path for r in receiver.requests if r.path.startswith("/token")]
    assert not [r for r in receiver.requests if "basic" in r.headers.get("authorization", "").lower()]


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_tells_us_nothing_denies(receiver, look_up, status):
    receiver.answer = lambda _: Reply(status=status, headers={"WWW-Authenticate": "Basic"})
    assert look_up(f"{receiver.address.removeprefix('http://')}/alys/node", "v1") == Denied()


def test_a_registry_that_does_not_say_the_digest_is_read(receiver, look_up):
    receiver.answer = lambda _: Reply(body=b"{}")
    found = look_up(f"{receiver.address.removeprefix('http://')}/alys/node", "v1")
    assert found == Found(digest=f"sha256:{hashlib.sha256(b'{}').hexdigest()}")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply(status=429, headers={"Retry-After": "3600"}),
        Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Reply(status=401, headers={"WWW-Authenticate": "Bearer nothing"}),
        Reply(body=b" " * (5 * 1024 * 1024)),
    ],
    ids=["500", "429", "302", "odd challenge", "oversized"],
)
def test_an_answer_to_lean_on_is_told_from_none(receiver, look_up, reply):
    receiver.answer = lambda _: reply
    assert isinstance(look_up(f"{receiver.address.removeprefix('http://')}/a/b", "v1"), Unreachable)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_hanging_registry_is_given_up(receiver, look_up, how):
    receiver.answer = lambda _: Reply(**{how: True})
    image = f"{receiver.address.removeprefix('http://')}/a/b"
    assert isinstance(look_up(image, "v1", limit=0.2), Unreachable)


def test_a_registry_that_is_down_is_unreachable(nobody, look_up):
    assert isinstance(look_up(f"{nobody.removeprefix('http://')}/a/b", "v1"), Unreachable)


def test_a_found_digest_is_pinned():
    assert registry.digest_to_pin("r/i", "v1", Found(digest=DIGEST)) == DIGEST
    assert registry.digest_to_pin("r/i", "v1", Found(digest=DIGEST), known=DIGEST) == DIGEST


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Found(digest=OTHER), ["has moved", DIGEST, OTHER, f"pulumi config set alys:digest {OTHER}"]),
        (Absent(), ["no version v1", "gh run list"]),
        (Denied(), ["export GITHUB_TOKEN"]),
        (Unreachable(reason="HTTP 500"), ["HTTP 500", "curl -sSI https://ghcr.io/v2/", "--emergency"]),
    ],
)
def test_absent_moved_denied_and_unreachable_are_refused_each_with_its_remedy(answer, says):
    with pytest.raises(RefusedError) as raised:
        registry.digest_to_pin("ghcr.io/alys/node", "v1", answer, known=DIGEST)
    for part in ("ghcr.io/alys/node:v1", "nothing was changed", *says):
        assert part in str(raised.value)


def kept(folder, text):
    (folder / "config.json").write_text(text)
    return {"DOCKER_CONFIG": str(folder)}


def test_who_is_logged_in_with_docker_is_logged_in_here(tmp_path):
    auth = base64.b64encode(b"ada:a-password").decode()
    environment = kept(tmp_path, json.dumps({"auths": {"registry.example": {"auth": auth}, "helped": {}}}))
    assert logins(environment) == {"registry.example": "ada:a-password"}
    assert logins(environment | {"GITHUB_TOKEN": "t"})["ghcr.io"] == "token:t"


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", "{}", '{"auths": null}', '{"auths": {"x": {"auth": "%"}}}'], ids=str
)
def test_a_file_of_docker_that_says_nothing_is_none(tmp_path, text):
    assert logins(kept(tmp_path, text)) == {}


def test_without_a_file_of_docker_nobody_is_logged_in(tmp_path):
    assert logins({"DOCKER_CONFIG": str(tmp_path)}) == {}
