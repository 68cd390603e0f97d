"""The stack file as the engine hands it to the program: the only reader of Pulumi's configuration."""

import json
from typing import Any

import pulumi
from pulumi.runtime import config as raw_config
from pydantic import ValidationError

from sections.github import SecretNames
from sections.mistakes import UnusableError, describe
from sections.observability import AlertSecrets, AlertService
from settings import ALERT_SECRETS, GITHUB_SECRETS, PROJECT, REGISTRY_TOKEN, SECRETS, Settings, own_keys


def read(stack: str) -> Settings:
    """Read the settings of a stack; every mistake in them is named in one `UnusableError`."""
    try:
        return Settings.model_validate(_configuration())
    except ValidationError as error:
        raise UnusableError(describe(error, stack, Settings)) from None


def read_secrets() -> pulumi.Output[dict[str, str]] | None:
    """The node's secrets by file name, as a Pulumi secret; None where the stack has none."""
    return pulumi.Config(PROJECT).get_secret_object(SECRETS)


def read_registry_token(stack: str) -> pulumi.Output[str]:
    """The token that GHCR is asked with, as a Pulumi secret."""
    token = pulumi.Config(PROJECT).get_secret(REGISTRY_TOKEN)
    if token is None:
        raise UnusableError(
            f"Pulumi.{stack}.yaml: alys:{REGISTRY_TOKEN} is missing, and alys:registry needs it; nothing was "
            "changed.\n  A classic token of the registry's user with read:packages and nothing else:\n"
            f"  pulumi config set --stack {stack} --secret {REGISTRY_TOKEN}"
        )
    return token


def read_github_secrets(stack: str) -> dict[str, pulumi.Output[str]]:
    """The secrets of the GitHub environments by name; only the names are looked at."""
    text = pulumi.Config(PROJECT).get(GITHUB_SECRETS) or "{}"
    try:
        secrets = SecretNames.validate_json(text)
    except ValidationError:
        raise UnusableError(
            f"Pulumi.{stack}.yaml: alys:{GITHUB_SECRETS} is no mapping of names such as NOTIFICATION_URLS to "
            "texts; nothing was changed.\n"
            f"  pulumi config set --stack {stack} --secret --path {GITHUB_SECRETS}.NOTIFICATION_URLS"
        ) from None
    return {name: pulumi.Output.secret(value) for name, value in sorted(secrets.items())}


def read_alert_secrets(stack: str) -> dict[AlertService, pulumi.Output[str]]:
    """Where alerts go, by service; none is fine, and then they are seen in Alertmanager only."""
    text = pulumi.Config(PROJECT).get(ALERT_SECRETS) or "{}"
    try:
        secrets = AlertSecrets.validate_json(text)
    except ValidationError:
        raise UnusableError(
            f"Pulumi.{stack}.yaml: alys:{ALERT_SECRETS} is no mapping of discord, pagerduty, slack or "
            "webhook to a text; nothing was changed.\n"
            f"  pulumi config set --stack {stack} --secret --path {ALERT_SECRETS}.slack"
        ) from None
    return {service: pulumi.Output.secret(value) for service, value in sorted(secrets.items())}


def _configuration() -> dict[str, Any]:
    texts: dict[str, str] = {**raw_config.get_config_env(), **raw_config.CONFIG.get()}
    return {key: _decoded(text) for key, text in own_keys(texts).items()}


def _decoded(text: str) -> Any:
    # Objects and lists reach a program as JSON, plain values as they stand: version "1.10" stays text.
    try:
        return json.loads(text) if text[:1] in {"{", "["} else text
    except json.JSONDecodeError:
        return text
