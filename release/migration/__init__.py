"""The phases of the migration, and the nodes' data: backups, validation, the way back."""
