from tests.cloud import declared, statements

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"


def store(**changes):
    return declared(state={"bucket": "alys-state-111111111111", **changes})


def test_every_version_of_a_state_is_kept_for_a_year():
    recording = store()
    versions = recording.one("aws:s3/bucketVersioning:BucketVersioning")
    assert versions.inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = recording.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs[
        "rules"
    ]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 365}
    assert "expiration" not in rule


def test_state_is_encrypted_with_a_key_of_its_own():
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (rule,) = store().one(kind).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"].startswith("arn:aws:kms:")
    assert rule["bucketKeyEnabled"] is True


def test_nothing_of_it_is_public():
    closed = store().one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {value for key, value in closed.items() if key != "bucket"} == {True}
    assert len(closed) == 5


def test_it_answers_over_tls_alone():
    statement = statements(store().one(POLICY))["TlsOnly"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [
        "arn:aws:s3:::alys-state-111111111111",
        "arn:aws:s3:::alys-state-111111111111/*",
    ]


def test_bucket_and_key_are_protected():
    recording = store()
    assert recording.one(BUCKET).protect
    assert recording.one(KEY).protect


def test_without_further_accounts_nobody_else_gets_in():
    recording = store()
    assert set(statements(recording.one(POLICY))) == {"TlsOnly"}
    assert set(statements(recording.one(KEY))) == {"Account"}


def test_of_a_further_account_only_our_roles_get_in():
    recording = store(accounts=["222222222222"])
    let_in = [
        statement
        for document in (recording.one(POLICY), recording.one(KEY))
        for sid, statement in statements(document).items()
        if sid.endswith("222222222222")
    ]
    assert len(let_in) == 3
    assert {str(one["Condition"]) for one in let_in} == {
        "{'ArnLike': {'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/alys-*'}}"
    }
