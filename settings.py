"""The typed stack file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from sections.access import Access
from sections.account import Account
from sections.across import refuse_disagreement
from sections.backups import Backups
from sections.cluster import Cluster
from sections.costs import Costs
from sections.github import Github
from sections.mistakes import UnusableError, describe
from sections.observability import Observability
from sections.pin import Pin
from sections.registry import Registry
from sections.release import Release
from sections.repository import Repository
from sections.state import State
from sections.strategy import Strategy
from sections.values import Section

PROJECT = "alys"
SECRETS = "secrets"
GITHUB_SECRETS = "github_secrets"
ALERT_SECRETS = "alert_secrets"
REGISTRY_TOKEN = "registry_token"  # noqa: S105  the key, not the token
SECRET_KEYS = {
    SECRETS: "Contents of the node's secret files, by file name.",
    GITHUB_SECRETS: "Secrets of the GitHub environments, by name.",
    ALERT_SECRETS: "Where Alertmanager sends alerts: discord, slack, webhook (addresses), pagerduty (a key).",
    REGISTRY_TOKEN: "Token that pulls the image, with read:packages alone.",
}
"""Keys that no model holds: their values stay inside Pulumi's secrets."""


class Settings(Section):
    """Everything that a stack file says; a section that is absent isn't declared."""

    pin: Pin | None = Field(default=None, description="What runs.")
    release: Release | None = Field(default=None, description="Where and how it runs.")
    strategy: Strategy = Field(
        default_factory=Strategy, description="How `release` brings a version to the environment."
    )
    account: Account | None = Field(default=None, description="The AWS account of the stack.")
    state: State | None = Field(default=None, description="Where all stacks keep their state.")
    access: Access | None = Field(default=None, description="Which jobs take on which AWS roles.")
    cluster: Cluster | None = Field(default=None, description="The cluster and its network.")
    registry: Registry | None = Field(default=None, description="How the cluster gets the image.")
    backups: Backups | None = Field(default=None, description="How chain data is kept.")
    costs: Costs | None = Field(default=None, description="What the environment may cost.")
    observability: Observability | None = Field(default=None, description="Prometheus and Grafana.")
    github: Github | None = Field(default=None, description="Who may deploy, roll back and preview.")
    repository: Repository | None = Field(default=None, description="What the node's repository enforces.")

    @model_validator(mode="before")
    @classmethod
    def _gather_pin(cls, keys: dict[str, Any]) -> dict[str, Any]:
        # The pin's keys stand at the top of the stack file, so that `pulumi config set version` reads well.
        pin = {key: keys[key] for key in Pin.model_fields if key in keys}
        rest = {key: value for key, value in keys.items() if key not in pin}
        return {**rest, "pin": pin} if pin or "release" in rest else rest

    @model_validator(mode="after")
    def _only_localhost_goes_without_a_digest(self) -> "Settings":
        if self.pin and self.release and not self.pin.digest and not on_localhost(self.release.image):
            raise PydanticCustomError(
                "digest_missing",
                "is missing: {image} is no registry on localhost, and a tag alone can move",
                {"key": "digest", "image": self.release.image},
            )
        return self

    @model_validator(mode="after")
    def _sections_agree(self) -> "Settings":
        refuse_disagreement(self)
        return self


def on_localhost(image: str) -> bool:
    """Whether an image repository is served by this machine."""
    return image.partition("/")[0].partition(":")[0] in {"localhost", "127.0.0.1"}


def load(path: Path) -> Settings:
    """The settings of a stack file, without an engine; raises `UnusableError` that names every mistake."""
    stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
    try:
        content = cast("dict[str, Any]", yaml.safe_load(path.read_text()) or {})
    except FileNotFoundError:
        raise UnusableError(f"There is no stack {stack!r} here: {path} is missing.") from None
    try:
        return Settings.model_validate(own_keys(content.get("config") or {}))
    except ValidationError as error:
        raise UnusableError(describe(error, stack, Settings)) from None


def own_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """This program's keys, without those that no model holds."""
    prefix = f"{PROJECT}:"
    keys = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    return {key: value for key, value in keys.items() if key not in SECRET_KEYS}
