"""The typed sections of a stack file: one module a section, no provider imported."""
