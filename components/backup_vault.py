"""Where recovery points are kept."""

from dataclasses import dataclass

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import backup

from sections.backups import Lock


@dataclass(frozen=True, kw_only=True)
class BackupVaultArgs:
    """Name, key and region of a vault, and its lock."""

    vault_name: str
    key_arn: Input[str]
    region: str
    lock: Lock | None = None


class BackupVault(ComponentResource):
    """A vault; with a lock nobody deletes from it before the time."""

    arn: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: BackupVaultArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("alys:index:BackupVault", name, None, opts)
        vault = backup.Vault(
            f"{name}-vault",
            name=args.vault_name,
            region=args.region,
            kms_key_arn=args.key_arn,
            opts=ResourceOptions(parent=self, protect=True),
        )
        if args.lock:
            backup.VaultLockConfiguration(
                f"{name}-lock",
                backup_vault_name=vault.name,
                region=args.region,
                min_retention_days=args.lock.least_days,
                # Its presence is what makes a lock final.
                changeable_for_days=args.lock.grace_days if args.lock.mode == "compliance" else None,
                opts=ResourceOptions(parent=self),
            )
        self.arn, self.name = vault.arn, vault.name
        self.register_outputs({"arn": self.arn})
