"""The whole program of each stack file, as it is committed."""

import functools
import json
from collections import Counter
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from components.chain_storage import SNAPSHOT_CLASS, STORAGE_CLASS
from tests.iam import findings
from tests.stacks import NAMES, recorded

ENVIRONMENTS = ("testnet", "staging", "canary", "production")
CLUSTER = "aws:eks/cluster:Cluster"
OF_KEYS = "aws:kms/key:Key"
RELEASE = "kubernetes:helm.sh/v3:Release"
KIND = "kubernetes:storage.k8s.io/v1:StorageClass"

NOT_MEANT = {
    # A key's own policy can name nothing but the key: `*` is this key.
    (OF_KEYS, "policy"): {"RESOURCE_STAR"},
    # parliament reads policies that give rights; in a trust policy there is no resource, and it knows no
    # identity provider of IAM.
    ("aws:iam/role:Role", "assumeRolePolicy"): {"MALFORMED", "UNKNOWN_FEDERATION_SOURCE"},
}


@functools.cache
def program(stack):
    return recorded(stack)


def documents(stack):
    for one in program(stack).registrations:
        for key, text in one.inputs.items():
            if one.type.startswith("aws:") and isinstance(text, str) and '"Statement"' in text:
                yield one, key, text


@pytest.mark.parametrize("stack", NAMES)
def test_no_document_of_a_stack_has_a_finding(stack):
    found = [
        (one.name, key, issue, detail)
        for one, key, text in documents(stack)
        for issue, detail in findings(text)
        if issue not in NOT_MEANT.get((one.type, key), set())
    ]
    assert found == []


def test_a_wide_document_has_a_finding():
    """Else the test above would show nothing."""
    wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get", "Resource": "*"}]}
    assert findings(json.dumps(wide))


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_chain_data_is_on_the_clusters_own_classes(stack):
    """And what a snapshot is read in goes again: the chain's own class keeps its volumes."""
    (release,) = (one for one in program(stack).all(RELEASE) if one.name == "node-release")
    values = release.inputs["values"]
    assert values["storage"]["className"] == STORAGE_CLASS
    assert values["migration"]["snapshotClass"] == SNAPSHOT_CLASS
    copies = values["migration"]["copyClass"]
    (declared,) = (one for one in program(stack).all(KIND) if one.inputs["metadata"]["name"] == copies)
    assert declared.inputs["reclaimPolicy"] == "Delete"


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_an_environment_has_one_of_each(stack):
    types = Counter(one.type for one in program(stack).registrations)
    assert {
        kind: types[kind]
        for kind in (CLUSTER, "aws:ec2/vpc:Vpc", "aws:backup/plan:Plan", "alys:index:NodeRelease")
    } == dict.fromkeys((CLUSTER, "aws:ec2/vpc:Vpc", "aws:backup/plan:Plan", "alys:index:NodeRelease"), 1)


def test_environments_can_be_connected():
    networks = [
        IPv4Network(program(stack).one("aws:ec2/vpc:Vpc").inputs["cidrBlock"]) for stack in ENVIRONMENTS
    ]
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


def test_environments_differ_in_size_and_not_in_kind():
    def kinds(stack):
        return {one.type for one in program(stack).registrations}

    more = {stack: kinds(stack) - kinds("staging") for stack in ENVIRONMENTS}
    assert more == {
        "testnet": set(),
        "staging": set(),
        "canary": {"aws:backup/vaultLockConfiguration:VaultLockConfiguration"},
        # Alone in its account, so that it declares the account's issuer.
        "production": {
            "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        },
    }


@pytest.mark.parametrize("stack", ["canary", "production"])
def test_nobody_outside_reaches_what_carries_real_traffic(stack):
    assert program(stack).one(CLUSTER).inputs["vpcConfig"]["endpointPublicAccess"] is False


def test_production_survives_the_loss_of_a_zone():
    recording = program("production")
    assert len(recording.all("aws:ec2/natGateway:NatGateway")) == 3
    chain = [one for one in recording.all("aws:eks/nodeGroup:NodeGroup") if "chain" in one.name]
    assert len({one.inputs["subnetIds"][0] for one in chain}) == 3


def test_nobody_deletes_a_backup_of_production():
    lock, *_ = program("production").all("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
    assert lock.inputs["changeableForDays"] > 0


@pytest.mark.parametrize("stack", NAMES)
def test_no_token_leaves_the_secrets(stack):
    """The recorder gives each secret of a stack the text `a secret`."""
    for one in program(stack).registrations:
        plain = json.dumps({key: value for key, value in one.inputs.items() if not _secret(one, key)})
        assert "a secret" not in plain, f"{one.type} {one.name}"
    assert "a secret" not in json.dumps(program(stack).outputs)


def _secret(one, key):
    return any(path == key or path.startswith((f"{key}.", f"{key}[")) for path in one.secrets)
