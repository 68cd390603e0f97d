"""Bundles that a Sigstore of our own signed, and one of a real one, before the real library."""

import base64
import json
from pathlib import Path

import cramjam
import pytest
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier

from release.outside import sigstore_bundle
from release.outside.attestation import Statement
from tests.release.signing import NOW, Sigstore

DIGEST = "sha256:" + "a" * 64
REAL = Path(__file__).parents[1] / "real_attestation.json"
"""Of pypi-attestations 0.0.19, from that project's test data; a public run of GitHub's signed it."""


@pytest.fixture(scope="module")
def sigstore():
    return Sigstore()


@pytest.fixture(scope="module")
def verified(sigstore, tmp_path_factory):
    verifier = trusting(sigstore, tmp_path_factory.mktemp("trust"))
    return lambda bundle: sigstore_bundle.verified(json.dumps(bundle).encode(), verifier)


def trusting(sigstore, folder):
    (folder / "trusted_root.json").write_text(json.dumps(sigstore.trusted_root()))
    return Verifier(trusted_root=TrustedRoot.from_file(str(folder / "trusted_root.json")))


def test_a_job_says_what_it_built_from_what(sigstore, verified):
    assert verified(sigstore.bundle(DIGEST)) == Statement(
        digests=frozenset({DIGEST}),
        kind="https://slsa.dev/provenance/v1",
        repository="https://github.com/alys/alys",
        workflow="https://github.com/alys/alys-release/.github/workflows/image.yml",
        ref="refs/tags/v1.0.0",
        commit="c" * 40,
        run="https://github.com/alys/alys/actions/runs/1/attempts/1",
    )


def test_a_real_attestation_is_read_with_the_real_root_of_trust(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    statement = sigstore_bundle.verified(REAL.read_bytes(), Verifier.production(offline=True))
    assert isinstance(statement, Statement)
    assert statement.repository == "https://github.com/trailofbits/pypi-attestations"
    assert statement.workflow == f"{statement.repository}/.github/workflows/release.yml"
    assert (statement.ref, statement.kind) == ("refs/tags/v0.0.19", "https://slsa.dev/provenance/v1")
    assert [digest.partition(":")[0] for digest in statement.digests] == ["sha256"]


def test_another_authority_is_not_trusted(sigstore, verified):
    assert "not to be relied on" in verified(Sigstore().bundle(DIGEST))


def test_a_token_of_somebody_else_than_github_is_refused(sigstore, verified):
    assert "OIDCIssuerV2" in verified(sigstore.bundle(DIGEST, issuer="https://accounts.example"))


def test_a_digest_that_was_put_in_later_is_noticed(sigstore, verified):
    bundle = sigstore.bundle(DIGEST)
    envelope = bundle["dsseEnvelope"]
    other = base64.b64decode(envelope["payload"]).replace(b"a" * 64, b"b" * 64)
    envelope["payload"] = base64.b64encode(other).decode()
    assert "not to be relied on" in verified(bundle)


def test_a_signature_that_no_log_has_is_refused(sigstore, verified):
    bundle = sigstore.bundle(DIGEST)
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    entry["inclusionProof"]["rootHash"] = base64.b64encode(b"x" * 32).decode()
    assert "not to be relied on" in verified(bundle)


def test_a_time_that_the_certificate_had_not_is_refused(sigstore, verified):
    bundle = sigstore.bundle(DIGEST)
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    entry["integratedTime"] = str(int(NOW.timestamp()) + 86_400)
    assert "not to be relied on" in verified(bundle)


def test_what_github_signs_for_private_repositories_is_named(sigstore, verified):
    bundle = sigstore.bundle(DIGEST)
    bundle["verificationMaterial"]["tlogEntries"] = []
    assert verified(bundle) == "it is in no public log, as those of private repositories are"


@pytest.mark.parametrize("garbage", [None, [], {}, "x", {"mediaType": 1}, {"dsseEnvelope": {}}])
def test_garbage_is_no_statement(garbage, verified):
    assert isinstance(verified(garbage), str)


def test_any_cut_bundle_is_no_statement(sigstore, verified):
    for key in ("mediaType", "verificationMaterial", "dsseEnvelope"):
        bundle = sigstore.bundle(DIGEST)
        del bundle[key]
        assert isinstance(verified(bundle), str)


def test_a_packed_bundle_is_unpacked():
    assert sigstore_bundle.unpacked(bytes(cramjam.snappy.compress_raw(b"a bundle"))) == b"a bundle"


@pytest.mark.parametrize(
    "packed", [b"", b"{}", b"\xff\xff\xff\xff\x0f", b"\xff" * 12], ids=["empty", "plain", "4 GiB", "garbage"]
)
def test_what_is_not_packed_or_would_be_huge_is_refused(packed):
    with pytest.raises(ValueError, match=r".*"):
        sigstore_bundle.unpacked(packed)
