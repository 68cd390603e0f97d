"""One module for each outside system: engine, cluster, Prometheus, registry, GitHub, channels."""
