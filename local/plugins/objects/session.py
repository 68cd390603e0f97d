"""What the operations on one cluster share: its settings, its API, and whether the user has interrupted."""

import functools
import threading
from dataclasses import dataclass, field
from typing import Any

from local.plugins.engine import Engine
from local.plugins.objects import kubeconfig
from local.plugins.objects.api import Api
from local.plugins.objects.kubeconfig import Kubeconfig


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The Kubernetes provider's own inputs, as far as the stand-in follows them."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    delete_unreachable: bool = False
    patch_force: bool = False
    upsert: bool = False
    mutable: frozenset[str] = frozenset()
    helm: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(kw_only=True)
class Session:
    """One configured provider."""

    settings: Settings
    engine: Engine
    cancelled: threading.Event

    @functools.cached_property
    def kubeconfig(self) -> Kubeconfig:
        """The kubeconfig, read when it is first needed: a preview of nothing needs none."""
        return kubeconfig.load(self.settings.kubeconfig, self.settings.context)

    @functools.cached_property
    def api(self) -> Api:
        """The cluster's API, found reachable."""
        api = Api(self.kubeconfig)
        api.request("GET", "/version")
        return api

    @property
    def namespace(self) -> str:
        """The namespace of resources that name none."""
        return self.settings.namespace or self.kubeconfig.namespace
