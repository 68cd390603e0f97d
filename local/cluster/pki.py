"""The embedded cluster's certificates: one authority, and who is who to the API server."""

import base64
import datetime as dt
import json
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.cluster import addresses

# The names and groups are Kubernetes': https://kubernetes.io/docs/setup/best-practices/certificates/
CLIENTS = {
    "admin": ("alys-admin", "system:masters"),
    "apiserver-kubelet": ("kube-apiserver-kubelet-client", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "proxy": ("system:kube-proxy", None),
    "kubelet": (f"system:node:{addresses.NODE_NAME}", "system:nodes"),
}
SERVERS = {
    "apiserver-serving": (
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        f"kubernetes.default.svc.{addresses.DOMAIN}",
        "127.0.0.1",
        addresses.NODE,
        addresses.KUBERNETES_SERVICE,
    ),
    "kubelet-serving": (addresses.NODE_NAME, addresses.NODE),
}
LIFETIME = dt.timedelta(days=3650)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def ensure(folder: Path) -> None:
    """Certificates, keys and kubeconfigs, made once; a folder left half-written is made anew."""
    if (folder / "complete").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority = _authority()
    _write(folder, "ca", authority)
    for name, (user, group) in CLIENTS.items():
        _write(folder, name, _leaf(authority, user, group))
        _write_kubeconfig(folder, name)
    for name, hosts in SERVERS.items():
        _write(folder, name, _leaf(authority, hosts[0], hosts=hosts))
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write_key(folder / "service-accounts.key", accounts)
    public = accounts.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "service-accounts.pub").write_bytes(public)
    (folder / "complete").touch()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back, because clocks of virtual machines jump.
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _authority() -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alys-local")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder(name, name, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return Pair(certificate=builder.sign(key, hashes.SHA256()), key=key)


def _leaf(authority: Pair, user: str, group: str | None = None, hosts: tuple[str, ...] = ()) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group:
        names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(x509.Name(names), authority.certificate.subject, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    if hosts:
        alternatives = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        builder = builder.add_extension(alternatives, critical=False)
    return Pair(certificate=builder.sign(authority.key, hashes.SHA256()), key=key)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(folder: Path, name: str, pair: Pair) -> None:
    (folder / f"{name}.crt").write_bytes(pair.certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(folder / f"{name}.key", pair.key)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _write_kubeconfig(folder: Path, name: str) -> None:
    cluster = {
        "server": f"https://{addresses.NODE}:{addresses.API_PORT}",
        "certificate-authority-data": _base64(folder / "ca.crt"),
    }
    user = {
        "client-certificate-data": _base64(folder / f"{name}.crt"),
        "client-key-data": _base64(folder / f"{name}.key"),
    }
    # JSON is YAML; clients read both.
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "alys-local", "cluster": cluster}],
        "users": [{"name": "alys-local", "user": user}],
        "contexts": [{"name": "alys-local", "context": {"cluster": "alys-local", "user": "alys-local"}}],
        "current-context": "alys-local",
    }
    path = folder / f"{name}.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2))


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
