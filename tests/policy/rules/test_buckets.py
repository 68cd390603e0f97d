from policy.rules.buckets import CLOSED
from tests.policy.declarations import declaration

BUCKET = declaration("aws:s3/bucket:Bucket", name="state")
BESIDE = {"dependencies": {"bucket": (BUCKET.urn,)}}
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ALL = dict.fromkeys(
    ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
)


def encryption(algorithm="aws:kms", **more):
    rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]
    return declaration(ENCRYPTION, {"rules": rules}, **(more or BESIDE))


def found(*beside):
    return " ".join(message for _, message in CLOSED.check([BUCKET, *beside]))


def test_an_encrypted_and_closed_bucket_is_accepted():
    assert not found(encryption(), declaration(ACCESS, ALL, **BESIDE))


def test_a_bucket_with_nothing_beside_it_is_refused_twice():
    assert "isn't encrypted" in found()
    assert "made public" in found()


def test_amazons_own_key_is_not_ours():
    assert "isn't encrypted" in found(encryption("AES256"), declaration(ACCESS, ALL, **BESIDE))


def test_one_open_way_is_enough_to_be_public():
    nearly = {**ALL, "restrictPublicBuckets": False}
    assert "made public" in found(encryption(), declaration(ACCESS, nearly, **BESIDE))


def test_what_stands_beside_another_bucket_does_not_count():
    other = {"dependencies": {"bucket": ("urn:other",)}}
    assert "isn't encrypted" in found(encryption(**other), declaration(ACCESS, ALL, **BESIDE))
