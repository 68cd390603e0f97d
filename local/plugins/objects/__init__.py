"""Kubernetes objects, applied to a cluster."""
