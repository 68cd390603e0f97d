"""The digest of a folder's files."""

import hashlib
from pathlib import Path


def folder_digest(folder: str) -> str:
    """First 12 hex digits of a sha256 over names and contents; the same in every clone."""
    digest = hashlib.sha256()
    root = Path(folder)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:12]
