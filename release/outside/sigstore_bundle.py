"""A Sigstore bundle: what it says, once its signature is verified with Sigstore's own library."""

import json
from collections.abc import Mapping
from typing import Any, cast

import cramjam
from cryptography.hazmat import asn1
from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    ObjectIdentifier,
    SubjectAlternativeName,
    UniformResourceIdentifier,
    UnrecognizedExtension,
)
from sigstore.errors import Error as SigstoreError
from sigstore.models import Bundle
from sigstore.verify import Verifier
from sigstore.verify.policy import OIDCIssuerV2

from release.errors import shown
from release.outside.attestation import Statement

ISSUER = "https://token.actions.githubusercontent.com"
"""Who vouches for GitHub's jobs."""
BYTES_AT_MOST = 8 * 1024 * 1024
"""Of one answer, packed or not; an attestation is some ten thousand bytes."""
_IN_TOTO = "application/vnd.in-toto+json"
# https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
_SOURCE, _COMMIT, _REF, _RUN = (ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{n}") for n in (12, 13, 14, 21))


def unpacked(packed: bytes) -> bytes:
    """The bundle in a Snappy block; raises `ValueError` where it isn't one, or would be too large."""
    try:
        if cramjam.snappy.decompress_raw_len(packed) > BYTES_AT_MOST:
            raise ValueError(f"more than {BYTES_AT_MOST:,} bytes")
        return bytes(cramjam.snappy.decompress_raw(packed))
    except cramjam.DecompressionError as error:
        raise ValueError(str(error)) from error


def verified(bundle: bytes, verifier: Verifier) -> Statement | str:
    """What a bundle says, signed by a job of GitHub's; or why that can't be relied on."""
    try:
        read = Bundle.from_json(bundle)
        kind, payload = verifier.verify_dsse(read, OIDCIssuerV2(ISSUER))
        if kind != _IN_TOTO:
            return f"its content is {kind}"
        return _statement(json.loads(payload), read.signing_certificate)
    except SigstoreError as error:
        # A private repository's is signed by an instance of GitHub's own, which keeps no public log.
        private = not _logged(bundle)
        return (
            "it is in no public log, as those of private repositories are"
            if private
            else f"its signature is not to be relied on: {shown(str(error))}"
        )
    except (ValueError, KeyError, TypeError, AttributeError, ExtensionNotFound):
        return "it can't be read"


def _statement(content: Mapping[str, Any], signer: Certificate) -> Statement:
    names = signer.extensions.get_extension_for_class(SubjectAlternativeName).value
    (workflow,) = names.get_values_for_type(UniformResourceIdentifier)
    return Statement(
        digests=frozenset(
            f"{kind}:{value}" for subject in content["subject"] for kind, value in subject["digest"].items()
        ),
        kind=content["predicateType"],
        repository=_claim(signer, _SOURCE),
        workflow=workflow.partition("@")[0],
        ref=_claim(signer, _REF),
        commit=_claim(signer, _COMMIT),
        run=_claim(signer, _RUN),
    )


def _claim(signer: Certificate, oid: ObjectIdentifier) -> str:
    value = signer.extensions.get_extension_for_oid(oid).value
    return asn1.decode_der(str, cast("UnrecognizedExtension", value).value)


def _logged(bundle: bytes) -> bool:
    try:
        return bool(json.loads(bundle)["verificationMaterial"].get("tlogEntries"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
