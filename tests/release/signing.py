"""A Sigstore of our own: an authority, two logs and GitHub's jobs, with keys that live as long as a test.

It makes bundles and the root of trust to verify them with; the real library decides what it thinks of them.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import rfc8785
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
LIFE = timedelta(minutes=10)
SCTS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
PAYLOAD = "application/vnd.in-toto+json"
NAMES = {"issuer": 8, "repository": 12, "commit": 13, "ref": 14, "run": 21}
GENUINE = {
    "issuer": "https://token.actions.githubusercontent.com",
    "repository": "https://github.com/alys/alys",
    "commit": "c" * 40,
    "ref": "refs/tags/v1.0.0",
    "run": "https://github.com/alys/alys/actions/runs/1/attempts/1",
    "workflow": "https://github.com/alys/alys-release/.github/workflows/image.yml@refs/heads/main",
    "kind": "https://slsa.dev/provenance/v1",
}


def b64(content):
    return base64.b64encode(content).decode()


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def sign(key, data):
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def public(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(key):
    return hashlib.sha256(public(key)).digest()


class Sigstore:
    def __init__(self):
        self.authority, self.certificate_log, self.signature_log = new_key(), new_key(), new_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away")])
        self.root = (
            x509.CertificateBuilder(name, name, self.authority.public_key(), x509.random_serial_number())
            .not_valid_before(NOW - LIFE)
            .not_valid_after(NOW + LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.authority.public_key()), critical=False
            )
            .sign(self.authority, hashes.SHA256())
        )

    def trusted_root(self):
        """What a verifier is told to trust."""
        span = {"start": (NOW - LIFE).isoformat()}
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.signature_log, span)],
            "ctlogs": [log(self.certificate_log, span)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "throw-away", "commonName": "throw-away"},
                    "uri": "https://authority.example",
                    "certChain": {"certificates": [{"rawBytes": b64(self.root.public_bytes(Encoding.DER))}]},
                    "validFor": span,
                }
            ],
        }

    def bundle(self, digest, **said):
        """A job's attestation of an image; `said` is what differs from a genuine one."""
        said = GENUINE | said
        kind, _, value = digest.partition(":")
        payload = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": "ghcr.io/alys/node", "digest": {kind: value}}],
                "predicateType": said["kind"],
                "predicate": {},
            }
        ).encode()
        job = new_key()
        certificate = self._certificate(job, said)
        signature = sign(job, f"DSSEv1 {len(PAYLOAD)} {PAYLOAD} {len(payload)} ".encode() + payload)
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(payload, signature, certificate)],
            },
            "dsseEnvelope": {
                "payload": b64(payload),
                "payloadType": PAYLOAD,
                "signatures": [{"sig": b64(signature)}],
            },
        }

    def _certificate(self, job, said):
        building = (
            x509.CertificateBuilder(
                self.root.subject, x509.Name([]), job.public_key(), x509.random_serial_number()
            )
            .not_valid_before(NOW - LIFE)
            .not_valid_after(NOW + LIFE)
            .add_extension(usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(said["workflow"])]), critical=True
            )
        )
        for name, number in NAMES.items():
            oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
            building = building.add_extension(
                x509.UnrecognizedExtension(oid, asn1.encode_der(said[name])), critical=False
            )
        unlogged = building.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        receipt = x509.UnrecognizedExtension(SCTS, self._receipt(unlogged))
        return building.add_extension(receipt, critical=False).sign(self.authority, hashes.SHA256())

    def _receipt(self, unlogged):
        """The certificate log's, as RFC 6962 has it."""
        when = int(NOW.timestamp() * 1000).to_bytes(8)
        signed = b"\0\0" + when + b"\0\1" + key_id(self.authority) + long(unlogged, 3) + b"\0\0"
        one = b"\0" + key_id(self.certificate_log) + when + b"\0\0" + b"\4\3"
        one += long(sign(self.certificate_log, signed), 2)
        return asn1.encode_der(long(long(one, 2), 2))

    def _entry(self, payload, signature, certificate):
        """The signature log's only one, with its proof that it is in there."""
        body = rfc8785.dumps(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                    "signatures": [
                        {"signature": b64(signature), "verifier": b64(certificate.public_bytes(Encoding.PEM))}
                    ],
                },
            }
        )
        identity, when = key_id(self.signature_log), int(NOW.timestamp())
        promised = {"body": b64(body), "integratedTime": when, "logID": identity.hex(), "logIndex": 0}
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example - 1\n1\n{b64(root)}\n"
        seal = b64(identity[:4] + sign(self.signature_log, note.encode()))
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(identity)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(when),
            "inclusionPromise": {
                "signedEntryTimestamp": b64(sign(self.signature_log, rfc8785.dumps(promised)))
            },
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": b64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {seal}\n"},
            },
            "canonicalizedBody": b64(body),
        }


def log(key, span):
    return {
        "baseUrl": "https://log.example",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": b64(public(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": span,
        },
        "logId": {"keyId": b64(key_id(key))},
    }


def long(content, size):
    return len(content).to_bytes(size) + content


def usage(**allowed):
    known = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: name in allowed for name in known.split()})
