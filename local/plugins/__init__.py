"""Stand-ins for the Pulumi plugins that package registries do not carry."""
