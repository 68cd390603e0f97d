import json

import cramjam
import httpx
import pytest
from sigstore.errors import TUFError
from sigstore.models import TrustedRoot

from release.outside.attestation import Missing, Refused, Unavailable, Verified
from release.outside.provenance import Provenance
from sections.registry import Attestation
from tests.release.receiver import Reply
from tests.release.signing import Sigstore

DIGEST = "sha256:" + "a" * 64
WANTED = Attestation(repository="alys/alys", workflow="alys/alys-release/.github/workflows/image.yml")


@pytest.fixture(scope="module")
def sigstore():
    return Sigstore()


@pytest.fixture
def look_up(receiver, sigstore, tmp_path):
    (tmp_path / "root.json").write_text(json.dumps(sigstore.trusted_root()))

    def _look_up(*, api=receiver.address, trust=None, limit=60.0, token=""):
        known = trust or (lambda: TrustedRoot.from_file(str(tmp_path / "root.json")))
        with httpx.Client() as http:
            return Provenance(http=http, token=token, api=api, trust=known, limit=limit).look_up(
                DIGEST, WANTED
            )

    return _look_up


def kept(*bundles):
    return Reply(body=json.dumps({"attestations": [{"bundle": one} for one in bundles]}).encode())


def test_the_image_of_the_workflow_is_verified(receiver, sigstore, look_up):
    receiver.answer = lambda _: kept(sigstore.bundle(DIGEST))
    assert isinstance(look_up(token="planted"), Verified)
    (request,) = receiver.requests
    assert request.path.startswith(f"/repos/alys/alys/attestations/{DIGEST}")
    assert request.headers["authorization"] == "Bearer planted"


def test_a_bundle_that_is_kept_elsewhere_is_fetched_without_the_token(receiver, sigstore, look_up):
    """GitHub's list has named addresses in place of bundles since July 2026; what is there is Snappy."""
    listed = {"attestations": [{"bundle": None, "bundle_url": f"{receiver.address}/store/1.json.sn?sig=x"}]}
    packed = bytes(cramjam.snappy.compress_raw(json.dumps(sigstore.bundle(DIGEST)).encode()))
    receiver.answer = lambda request: Reply(
        body=packed if request.path.startswith("/store") else json.dumps(listed).encode()
    )
    assert isinstance(look_up(token="planted"), Verified)
    fetched = receiver.requests[-1]
    assert fetched.path == "/store/1.json.sn?sig=x"
    assert "authorization" not in fetched.headers


@pytest.mark.parametrize(
    "said",
    [
        {"repository": "https://github.com/alys/other"},
        {"workflow": "https://github.com/alys/alys/.github/workflows/other.yml@refs/heads/main"},
        {"ref": "refs/heads/a-branch"},
        {"issuer": "https://accounts.example"},
    ],
    ids=lambda said: next(iter(said)),
)
def test_another_build_is_refused(receiver, sigstore, look_up, said):
    receiver.answer = lambda _: kept(sigstore.bundle(DIGEST, **said))
    assert isinstance(look_up(), Refused)


def test_an_attestation_of_another_image_is_refused(receiver, sigstore, look_up):
    receiver.answer = lambda _: kept(sigstore.bundle("sha256:" + "b" * 64))
    assert look_up() == Refused(reasons=("it is about another image",))


def test_a_bundle_of_another_authority_is_refused(receiver, look_up):
    receiver.answer = lambda _: kept(Sigstore().bundle(DIGEST))
    assert isinstance(look_up(), Refused)


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(body=b'{"attestations": []}')])
def test_an_image_that_nobody_attests_is_missing(receiver, look_up, reply):
    receiver.answer = lambda _: reply
    assert look_up() == Missing()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401),
        Reply(status=403),
        Reply(status=429),
        Reply(status=500),
        Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Reply(body=b"<html>"),
        Reply(body=b"[]"),
        Reply(body=b'{"attestations": 1}'),
        Reply(body=b'{"attestations": [{}]}'),
        Reply(body=b'{"attestations": [{"bundle_url": "nonsense"}]}'),
        Reply(body=b" " * (9 * 1024 * 1024)),
    ],
    ids=["401", "403", "429", "500", "302", "html", "list", "number", "nothing", "address", "oversized"],
)
def test_an_answer_to_lean_on_is_told_from_none(receiver, look_up, reply):
    receiver.answer = lambda _: reply
    assert isinstance(look_up(), Unavailable)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_hanging_server_is_given_up(receiver, look_up, how):
    receiver.answer = lambda _: Reply(**{how: True})
    assert isinstance(look_up(limit=0.2), Unavailable)


def test_a_github_that_is_down_is_unavailable(nobody, look_up):
    assert isinstance(look_up(api=nobody), Unavailable)


def test_without_a_root_of_trust_nothing_is_verified(receiver, sigstore, look_up):
    def unrefreshed():
        raise TUFError("Failed to refresh TUF metadata")

    receiver.answer = lambda _: kept(sigstore.bundle(DIGEST))
    answer = look_up(trust=unrefreshed)
    assert isinstance(answer, Unavailable)
    assert "root of trust" in answer.reason
