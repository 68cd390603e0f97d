import pytest

from policy.declaration import UNKNOWN
from policy.rules.encryption import ENCRYPTED, WANTED
from tests.policy.declarations import found

KMS = [{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:..."}]
AES = [{"encryptionType": "AES256"}]
ENCRYPTED_INPUTS = {
    "aws:eks/cluster:Cluster": {"encryptionConfig": {"resources": ["secrets"], "provider": {}}},
    "aws:eks/nodeGroup:NodeGroup": {"launchTemplate": {"id": "lt-1", "version": "1"}},
    "aws:ec2/launchTemplate:LaunchTemplate": {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}]},
    "aws:ebs/volume:Volume": {"encrypted": True},
    "aws:ebs/encryptionByDefault:EncryptionByDefault": {"enabled": True},
    "kubernetes:storage.k8s.io/v1:StorageClass": {
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"encrypted": "true"},
    },
    "aws:cloudwatch/logGroup:LogGroup": {"kmsKeyId": UNKNOWN},
    "aws:secretsmanager/secret:Secret": {"kmsKeyId": "arn:aws:kms:..."},
    "aws:sns/topic:Topic": {"kmsMasterKeyId": "alias/alys"},
    "aws:sqs/queue:Queue": {"kmsMasterKeyId": "alias/alys"},
    "aws:backup/vault:Vault": {"kmsKeyArn": UNKNOWN},
    "aws:efs/fileSystem:FileSystem": {"encrypted": True},
    "aws:rds/instance:Instance": {"storageEncrypted": True},
    "aws:dynamodb/table:Table": {"serverSideEncryption": {"enabled": True}},
    "aws:ecr/repository:Repository": {"encryptionConfigurations": KMS},
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {"encryptionConfigurations": KMS},
    "aws:kms/key:Key": {"enableKeyRotation": True},
}
PLAIN_INPUTS = [
    ("aws:eks/cluster:Cluster", {}),
    ("aws:eks/cluster:Cluster", {"encryptionConfig": {"resources": []}}),
    ("aws:eks/nodeGroup:NodeGroup", {}),
    ("aws:ec2/launchTemplate:LaunchTemplate", {}),
    ("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": {"encrypted": "false"}}]}),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}, {"ebs": {}}]},
    ),
    ("aws:ebs/volume:Volume", {}),
    ("aws:ebs/encryptionByDefault:EncryptionByDefault", {"enabled": False}),
    ("kubernetes:storage.k8s.io/v1:StorageClass", {"provisioner": "ebs.csi.aws.com"}),
    ("aws:cloudwatch/logGroup:LogGroup", {}),
    ("aws:secretsmanager/secret:Secret", {}),
    ("aws:sns/topic:Topic", {}),
    ("aws:sqs/queue:Queue", {}),
    ("aws:backup/vault:Vault", {}),
    ("aws:efs/fileSystem:FileSystem", {"encrypted": False}),
    ("aws:rds/instance:Instance", {}),
    ("aws:dynamodb/table:Table", {}),
    ("aws:ecr/repository:Repository", {"encryptionConfigurations": AES}),
    ("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate", {}),
    ("aws:kms/key:Key", {}),
]


@pytest.mark.parametrize("type_", sorted(WANTED))
def test_what_is_encrypted_is_accepted(type_):
    assert not found(ENCRYPTED, type_, ENCRYPTED_INPUTS[type_])


@pytest.mark.parametrize(("type_", "inputs"), PLAIN_INPUTS)
def test_what_is_not_encrypted_is_refused(type_, inputs):
    assert "isn't encrypted" in found(ENCRYPTED, type_, inputs)


def test_every_type_is_tried_both_ways():
    assert {type_ for type_, _ in PLAIN_INPUTS} == set(ENCRYPTED_INPUTS) == set(WANTED)


def test_a_storage_class_of_another_provisioner_has_no_such_parameter():
    local = {"provisioner": "kubernetes.io/no-provisioner"}
    assert not found(ENCRYPTED, "kubernetes:storage.k8s.io/v1:StorageClass", local)
