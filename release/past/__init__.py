"""What has been: the stack's history read as a ledger, and whether there is a way back into it."""
