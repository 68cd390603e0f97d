"""A throwaway copy of a stack, on which a phase is entered and left before the stack itself."""
