"""The lock objects of a backend in an S3 bucket: what the lock files of one in a folder are."""

from release.locking import locks
from release.locking.locks import Lock
from release.outside.bucket import Bucket


def read(bucket: Bucket, *, project: str, stack: str) -> tuple[Lock, ...]:
    """Every lock of a stack, as it is now; `ContactLostError` where the bucket can't be asked."""
    folder = f".pulumi/locks/organization/{project}/{stack}"
    return tuple(
        locks.parse(entry.url, entry.content, modified=entry.modified)
        for entry in bucket.read(folder, ending=".json")
    )
