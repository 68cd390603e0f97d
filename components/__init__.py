"""What exists: declarations, and pure functions that they lean on; no I/O."""
