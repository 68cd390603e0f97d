"""The words of the command line, verb by verb."""
