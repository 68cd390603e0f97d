"""Buckets: encrypted with a key of ours and closed to the public, by resources beside them."""

from collections.abc import Iterator, Sequence

from policy.declaration import Declaration, known
from policy.rule import ProgramRule, items, mapping

BUCKETS = {"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"}
_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration"
_ACCESS = "aws:s3/bucketPublicAccessBlock:"
_CLOSED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

_DECLARE_ENCRYPTION = (
    "declare a BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms for this bucket"
)
_DECLARE_ACCESS = "declare a BucketPublicAccessBlock with all four settings true for this bucket"


def _closed(declarations: Sequence[Declaration]) -> Iterator[tuple[Declaration, str]]:
    for bucket in declarations:
        if bucket.type not in BUCKETS:
            continue
        beside = [one for one in declarations if bucket.urn in one.dependencies.get("bucket", ())]
        if not any(_is_kms(one) for one in beside):
            yield bucket, f"it isn't encrypted with a key of ours; {_DECLARE_ENCRYPTION}"
        if not any(_is_closed(one) for one in beside):
            yield bucket, f"it could be made public; {_DECLARE_ACCESS}"


def _is_kms(beside: Declaration) -> bool:
    if not beside.type.startswith(_ENCRYPTION):
        return False
    defaults = [
        mapping(mapping(rule).get("applyServerSideEncryptionByDefault"))
        for rule in items(beside.inputs.get("rules"))
    ]
    return any(known(one.get("sseAlgorithm")) in {"aws:kms", "aws:kms:dsse"} for one in defaults)


def _is_closed(beside: Declaration) -> bool:
    return beside.type.startswith(_ACCESS) and all(known(beside.inputs.get(key)) is True for key in _CLOSED)


CLOSED = ProgramRule(
    name="buckets-closed",
    reason="State and backups hold everything that there is to steal.",
    check=_closed,
)
