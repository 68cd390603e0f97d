"""What must never exist: rules over declared resources, for the engine and for pytest."""
