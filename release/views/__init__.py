"""What verbs that look have found, as people read it."""
