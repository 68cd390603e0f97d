from components.chain_storage import BACKUP_TAG, SNAPSHOT_TAG
from tests.cloud import BACKUPS, declared, with_cluster

VAULT = "aws:backup/vault:Vault"
BIN = "aws:rbin/rule:Rule"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"


def backups(**changes):
    return declared(backups={**BACKUPS, **changes})


def rule(recording):
    (found,) = recording.one("aws:backup/plan:Plan").inputs["rules"]
    return found


def test_recovery_points_live_as_long_as_the_file_says():
    assert rule(backups(days=35))["lifecycle"] == {"deleteAfter": 35}


def test_only_chain_volumes_of_this_environment_are_taken():
    (condition,) = backups().one("aws:backup/selection:Selection").inputs["conditions"]
    assert condition["stringEquals"] == [
        {"key": f"aws:ResourceTag/{BACKUP_TAG[0]}", "value": BACKUP_TAG[1]},
        {"key": "aws:ResourceTag/environment", "value": "staging"},
    ]


def test_the_role_has_its_rights_before_the_first_backup():
    selection = backups().one("aws:backup/selection:Selection")
    assert {urn.rpartition("::")[2] for urn in selection.depends_on} >= {
        "backups-AWSBackupServiceRolePolicyForBackup",
        "backups-AWSBackupServiceRolePolicyForRestores",
    }


def test_a_vault_is_encrypted_and_protected():
    vault = backups().one(VAULT)
    assert "environment-key" in vault.sources["kmsKeyArn"][0]
    assert vault.protect


def test_without_a_lock_there_is_none():
    assert backups().all(LOCK) == []


def test_a_governance_lock_can_be_lifted_by_an_administrator():
    lock = backups(lock={"least_days": 7}).one(LOCK)
    assert lock.inputs["minRetentionDays"] == 7
    assert "changeableForDays" not in lock.inputs


def test_a_compliance_lock_is_final_after_its_grace():
    lock = backups(lock={"mode": "compliance", "least_days": 7, "grace_days": 3}).one(LOCK)
    assert lock.inputs["changeableForDays"] == 3


def test_a_copy_in_a_second_region_is_locked_as_the_first_is_and_has_a_key_there():
    recording = backups(copy_to="us-west-2", lock={"least_days": 7})
    far = recording.one(VAULT, "copies-vault")
    assert far.inputs["region"] == "us-west-2"
    assert recording.one("aws:kms/key:Key", "copies-key").inputs["region"] == "us-west-2"
    assert "copies-key" in far.sources["kmsKeyArn"][0]
    assert {one.inputs["region"] for one in recording.all(LOCK)} == {"us-east-1", "us-west-2"}
    (copy,) = rule(recording)["copyActions"]
    assert copy["lifecycle"] == {"deleteAfter": 14}


def test_a_deleted_snapshot_can_be_had_back_for_as_long_as_the_file_says():
    kept = backups(deleted_days=30).one(BIN)
    assert kept.inputs["resourceType"] == "EBS_SNAPSHOT"
    assert kept.inputs["retentionPeriod"] == {"retentionPeriodUnit": "DAYS", "retentionPeriodValue": 30}
    assert kept.protect


def test_the_bin_keeps_what_the_snapshot_class_marks_and_no_copy_of_a_volume():
    (tag,) = backups().one(BIN).inputs["resourceTags"]
    mark = f"{tag['resourceTagKey']}={tag['resourceTagValue']}"
    recording = with_cluster()
    snapshots = recording.one("kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass")
    volumes = recording.all("kubernetes:storage.k8s.io/v1:StorageClass")
    assert mark == f"{SNAPSHOT_TAG}=staging"
    assert mark in snapshots.inputs["parameters"].values()
    assert not any(mark in one.inputs["parameters"].values() for one in volumes)
