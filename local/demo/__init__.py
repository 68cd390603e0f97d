"""The demo: the life of a release on the cluster of this machine, watched from outside."""
