class LocalError(Exception):
    """Something about this machine that its user can mend; the message says how."""
