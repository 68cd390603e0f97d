from tests.cloud import statements, with_cluster

KEY = "aws:kms/key:Key"


def test_the_key_turns_every_year_and_is_not_deleted_by_a_slip():
    key = with_cluster().one(KEY)
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    assert key.protect


def test_the_account_decides_who_uses_it():
    assert statements(with_cluster().one(KEY))["Account"]["Principal"] == {
        "AWS": "arn:aws:iam::111111111111:root"
    }


def test_cloudwatch_uses_it_for_logs_of_this_account_alone():
    statement = statements(with_cluster().one(KEY))["Logs"]
    assert statement["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert statement["Condition"] == {
        "StringLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111111111111:log-group:*"
        }
    }


def test_people_find_it_by_name():
    assert with_cluster().one("aws:kms/alias:Alias").inputs["name"] == "alias/alys-staging"
