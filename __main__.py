"""The program: the settings of the stack, and the sections that its file holds."""

from typing import Any

import pulumi

import configuration
from sections.mistakes import UnusableError


def declare(stack: str) -> dict[str, Any]:
    """Declare what the stack file says; the outputs of the sections, by name."""
    wanted = configuration.read(stack)
    outputs: dict[str, Any] = {}
    # A section's provider is imported only where the section is declared: each costs up to a second.
    cloud = None
    token = configuration.read_registry_token(stack) if wanted.registry else None
    if wanted.account:
        from components.cloud import CloudSecrets, declare_cloud  # noqa: PLC0415

        secrets = CloudSecrets(
            registry_token=token,
            alerts=configuration.read_alert_secrets(stack) if wanted.observability else {},
        )
        cloud = declare_cloud(stack, wanted.account, wanted, secrets)
        outputs |= cloud.outputs
    if wanted.release and wanted.pin:
        from components.registry_login import registry_login  # noqa: PLC0415
        from components.release_section import declare_release, home_in_context  # noqa: PLC0415

        home = (cloud and cloud.home) or home_in_context(
            stack, wanted.release, registry_login(wanted.registry, wanted.release.image, token)
        )
        outputs |= declare_release(wanted.pin, wanted.release, configuration.read_secrets(), home)
    if wanted.github:
        from components.github_section import declare_github  # noqa: PLC0415

        outputs |= declare_github(
            stack,
            wanted.github,
            cloud=cloud.variables if cloud else {},
            roles=cloud.roles if cloud else {},
            secrets=configuration.read_github_secrets(stack),
        )
    if wanted.repository:
        from components.repository_section import declare_repository  # noqa: PLC0415

        outputs |= declare_repository(wanted.repository)
    return outputs


try:
    declared = declare(pulumi.get_stack())
except UnusableError as error:
    # The engine prints it without a traceback.
    raise pulumi.RunError(str(error)) from None
for name, value in declared.items():
    pulumi.export(name, value)
