"""What has to be encrypted at rest, by resource type."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from policy.declaration import UNKNOWN, Declaration, known
from policy.rule import Rule, items, mapping

Encrypted = Callable[[Mapping[str, Any]], bool]


def _has(key: str) -> Encrypted:
    return lambda inputs: inputs.get(key) is UNKNOWN or bool(known(inputs.get(key)))


def _says_true(value: Any) -> bool:
    return value is UNKNOWN or str(known(value)).lower() == "true"


def _is_true(key: str) -> Encrypted:
    return lambda inputs: _says_true(inputs.get(key))


def _cluster_secrets(inputs: Mapping[str, Any]) -> bool:
    return "secrets" in items(mapping(inputs.get("encryptionConfig")).get("resources"))


def _launch_template(inputs: Mapping[str, Any]) -> bool:
    devices = [mapping(device) for device in items(inputs.get("blockDeviceMappings"))]
    return bool(devices) and all(_says_true(mapping(one.get("ebs")).get("encrypted")) for one in devices)


def _storage_class(inputs: Mapping[str, Any]) -> bool:
    is_ebs = known(inputs.get("provisioner")) == "ebs.csi.aws.com"
    return not is_ebs or _says_true(mapping(inputs.get("parameters")).get("encrypted"))


def _repository(inputs: Mapping[str, Any]) -> bool:
    configurations = [mapping(one) for one in items(inputs.get("encryptionConfigurations"))]
    return any(known(one.get("encryptionType")) == "KMS" for one in configurations)


WANTED: dict[str, tuple[Encrypted, str]] = {
    "aws:eks/cluster:Cluster": (_cluster_secrets, "encryptionConfig with resources: [secrets] and a KMS key"),
    "aws:eks/nodeGroup:NodeGroup": (_has("launchTemplate"), "a launch template with encrypted volumes"),
    "aws:ec2/launchTemplate:LaunchTemplate": (_launch_template, "encrypted: true on every volume"),
    "aws:ebs/volume:Volume": (_is_true("encrypted"), "encrypted: true"),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": (_is_true("enabled"), "enabled: true"),
    "kubernetes:storage.k8s.io/v1:StorageClass": (_storage_class, 'parameters: {encrypted: "true"}'),
    "aws:cloudwatch/logGroup:LogGroup": (_has("kmsKeyId"), "kmsKeyId"),
    "aws:secretsmanager/secret:Secret": (_has("kmsKeyId"), "kmsKeyId"),
    "aws:sns/topic:Topic": (_has("kmsMasterKeyId"), "kmsMasterKeyId"),
    "aws:sqs/queue:Queue": (_has("kmsMasterKeyId"), "kmsMasterKeyId"),
    "aws:backup/vault:Vault": (_has("kmsKeyArn"), "kmsKeyArn"),
    "aws:efs/fileSystem:FileSystem": (_is_true("encrypted"), "encrypted: true"),
    "aws:rds/instance:Instance": (_is_true("storageEncrypted"), "storageEncrypted: true"),
    "aws:dynamodb/table:Table": (
        lambda inputs: _says_true(mapping(inputs.get("serverSideEncryption")).get("enabled")),
        "serverSideEncryption with enabled: true",
    ),
    "aws:ecr/repository:Repository": (_repository, "encryptionConfigurations of type KMS"),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": (
        _repository,
        "encryptionConfigurations of type KMS",
    ),
    "aws:kms/key:Key": (_is_true("enableKeyRotation"), "enableKeyRotation: true"),
}


def _encrypted(declaration: Declaration) -> Iterator[str]:
    if declaration.type in WANTED:
        is_encrypted, remedy = WANTED[declaration.type]
        if not is_encrypted(declaration.inputs):
            yield f"it would keep data that isn't encrypted with a key of ours; give it {remedy}"


ENCRYPTED = Rule(
    name="encryption-at-rest",
    reason="A snapshot, a log or a disk that leaves the account must be of no use to who gets it.",
    check=_encrypted,
)
