"""What a slip of the hand must not delete."""

from collections.abc import Iterator

from policy.declaration import Declaration
from policy.rule import Rule

PROTECTED_TYPES = {
    "aws:eks/cluster:Cluster": "the cluster",
    "aws:ec2/vpc:Vpc": "the network",
    "aws:kms/key:Key": "a key, and all that it encrypts",
    "aws:s3/bucket:Bucket": "a bucket that holds state or backups",
    "aws:s3/bucketV2:BucketV2": "a bucket that holds state or backups",
    "aws:backup/vault:Vault": "the backups",
}


def _protected(declaration: Declaration) -> Iterator[str]:
    lost = PROTECTED_TYPES.get(declaration.type)
    if lost and not declaration.protect:
        yield f"a destroy would delete {lost}; declare it with protect=True"


PROTECTED = Rule(
    name="protected-from-deletion",
    reason="Some deletions can't be undone by declaring the thing again.",
    check=_protected,
)
