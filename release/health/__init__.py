"""What is found by looking: the state of a stack, what was changed by hand, what isn't well."""
