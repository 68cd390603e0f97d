import ipaddress
import json

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.cluster import addresses, pki


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("pki") / "pki"
    pki.ensure(path)
    return path


def certificate(folder, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def test_the_api_server_is_known_by_every_address_it_is_called_at(folder):
    names = certificate(folder, "apiserver-serving").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert ipaddress.ip_address(addresses.NODE) in names.value.get_values_for_type(x509.IPAddress)
    assert ipaddress.ip_address(addresses.KUBERNETES_SERVICE) in names.value.get_values_for_type(
        x509.IPAddress
    )
    assert "kubernetes.default.svc.cluster.local" in names.value.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("name", [*pki.CLIENTS, *pki.SERVERS])
def test_every_certificate_is_signed_by_the_one_authority(folder, name):
    certificate(folder, name).verify_directly_issued_by(certificate(folder, "ca"))


@pytest.mark.parametrize("name", pki.CLIENTS)
def test_a_clients_certificate_serves_nothing(folder, name):
    usage = certificate(folder, name).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert list(usage.value) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_only_administrators_are_masters(folder):
    masters = [
        name
        for name in pki.CLIENTS
        for group in certificate(folder, name).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        if group.value == "system:masters"
    ]
    assert masters == ["admin", "apiserver-kubelet"]


def test_keys_are_for_their_owners_eyes_only(folder):
    secrets = [*folder.glob("*.key"), *folder.glob("*.kubeconfig")]
    assert secrets
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_certificates_are_made_once(folder):
    before = (folder / "ca.crt").read_bytes()
    pki.ensure(folder)
    assert (folder / "ca.crt").read_bytes() == before


def test_a_folder_left_half_written_is_made_anew(tmp_path):
    pki.ensure(tmp_path)
    (tmp_path / "complete").unlink()
    (tmp_path / "kubelet.crt").unlink()
    pki.ensure(tmp_path)
    certificate(tmp_path, "kubelet").verify_directly_issued_by(certificate(tmp_path, "ca"))


def test_the_administrators_kubeconfig_needs_no_other_file(folder):
    content = json.loads((folder / "admin.kubeconfig").read_text())
    assert content["clusters"][0]["cluster"]["server"] == f"https://{addresses.NODE}:6443"
    assert set(content["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
