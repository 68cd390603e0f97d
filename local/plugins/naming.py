"""Names made up for resources that were given none."""

import hashlib
import secrets

# Hexadecimal digits after the dash, as the engine's own default has them.
DIGITS = 7


def unique_name(prefix: str, seed: bytes) -> str:
    """Return `prefix-<7 hex>`; the same seed gives the same name, so that a preview and its update agree."""
    digest = hashlib.sha256(seed + prefix.encode()).hexdigest() if seed else secrets.token_hex(DIGITS)
    return f"{prefix}-{digest[:DIGITS]}"
