"""Helm releases, through the `helm` command."""
