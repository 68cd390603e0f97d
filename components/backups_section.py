"""The `backups` section: a plan that copies the chain's volumes into a vault, and a bin for snapshots."""

from pulumi import Input, ResourceOptions
from pulumi_aws import backup, iam, kms, rbin

from components.aws_account import Place, tags
from components.backup_vault import BackupVault, BackupVaultArgs
from components.chain_storage import BACKUP_TAG, SNAPSHOT_TAG
from components.environment_key import DELETED_AFTER_DAYS, key_policy
from components.iam import document, trust
from sections.backups import Backups

_POLICIES = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")
_START_MINUTES, _COMPLETE_MINUTES = 60, 480


def declare_backups(where: Place, backups: Backups, key_arn: Input[str]) -> None:
    """Declare vaults, plan, and what the plan is for: volumes by tag, of this environment alone."""
    stack, account, provider = where.stack, where.account, where.provider
    opts = ResourceOptions(provider=provider)
    vault_name = f"alys-{stack}"
    vault = BackupVault(
        "backups",
        BackupVaultArgs(vault_name=vault_name, key_arn=key_arn, region=account.region, lock=backups.lock),
        where.inside,
    )
    copies = []
    if backups.copy_to:
        far = account.model_copy(update={"region": backups.copy_to})
        key = kms.Key(
            "copies-key",
            description=f"Copies of the backups of alys-{stack}",
            region=backups.copy_to,
            enable_key_rotation=True,
            deletion_window_in_days=DELETED_AFTER_DAYS,
            policy=key_policy(far),
            opts=ResourceOptions(provider=provider, protect=True),
        )
        copy = BackupVault(
            "copies",
            BackupVaultArgs(
                vault_name=vault_name, key_arn=key.arn, region=backups.copy_to, lock=backups.lock
            ),
            where.inside,
        )
        copies = [
            backup.PlanRuleCopyActionArgs(
                destination_vault_arn=copy.arn,
                lifecycle=backup.PlanRuleCopyActionLifecycleArgs(delete_after=backups.days),
            )
        ]
    plan = backup.Plan(
        "backups-plan",
        name=f"alys-{stack}",
        rules=[
            backup.PlanRuleArgs(
                rule_name="chain",
                target_vault_name=vault.name,
                schedule=backups.schedule,
                start_window=_START_MINUTES,
                completion_window=_COMPLETE_MINUTES,
                lifecycle=backup.PlanRuleLifecycleArgs(delete_after=backups.days),
                recovery_point_tags=tags(stack, account),
                copy_actions=copies,
            )
        ],
        opts=opts,
    )
    role = iam.Role(
        "backups-role",
        assume_role_policy=document(trust("Backup", ["sts:AssumeRole"], {"Service": "backup.amazonaws.com"})),
        opts=opts,
    )
    rights = [
        iam.RolePolicyAttachment(
            f"backups-{policy}",
            role=role.name,
            policy_arn=f"arn:aws:iam::aws:policy/service-role/{policy}",
            opts=opts,
        )
        for policy in _POLICIES
    ]
    backup.Selection(
        "backups-volumes",
        name="chain",
        plan_id=plan.id,
        iam_role_arn=role.arn,
        resources=["arn:aws:ec2:*:*:volume/*"],
        # Conditions must all hold; `selection_tags` would be any of them.
        conditions=[
            backup.SelectionConditionArgs(
                string_equals=[
                    backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
                    for key, value in (BACKUP_TAG, ("environment", stack))
                ]
            )
        ],
        opts=ResourceOptions(provider=provider, depends_on=rights),
    )
    _keep_deleted_snapshots(where, backups)


def _keep_deleted_snapshots(where: Place, backups: Backups) -> None:
    """AWS Backup takes volumes, not the snapshots that a phase begins with: those outlive their deletion."""
    rbin.Rule(
        "deleted-snapshots",
        description=f"Snapshots that phases of alys-{where.stack} began with",
        resource_type="EBS_SNAPSHOT",
        # One tag alone: of several, AWS takes whatever bears any of them.
        resource_tags=[
            rbin.RuleResourceTagArgs(resource_tag_key=SNAPSHOT_TAG, resource_tag_value=where.stack)
        ],
        retention_period=rbin.RuleRetentionPeriodArgs(
            retention_period_unit="DAYS", retention_period_value=backups.deleted_days
        ),
        opts=ResourceOptions(provider=where.provider, protect=True),
    )
