"""Whose turn it is: the backend's locks, this clone's own, and what killed runs leave behind."""
