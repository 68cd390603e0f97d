"""A cluster's API: any object of any kind, by its API version and kind."""

import json
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from local.plugins.objects.kubeconfig import Kubeconfig
from local.plugins.resources import Refused

# Seconds to connect and to be answered. One more try for a server that just restarts.
CONNECT, ANSWER = 4.0, 30.0
_RETRIES = urllib3.Retry(total=1, connect=1, read=0, redirect=0, backoff_factor=0.5)

GONE, EXISTS = 404, 409


class ApiError(Refused):
    """A request that the API server refused, with its status, its reason in one word, and its message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind that the cluster knows: the path that its objects are under."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str = "") -> str:
        """Return the path of an object, or of all of a namespace."""
        root = "/api/" if "/" not in self.api_version else "/apis/"
        inside = f"/namespaces/{quote(namespace)}" if self.namespaced and namespace else ""
        return f"{root}{self.api_version}{inside}/{self.plural}" + (f"/{quote(name)}" if name else "")


class Api:
    """The API server of one context. Raises `Refused` when it is out of reach, `ApiError` when it says no."""

    def __init__(self, kubeconfig: Kubeconfig) -> None:
        self.kubeconfig = kubeconfig
        self._client, self._client_error = _client(kubeconfig)
        self._kinds: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def kind(self, api_version: str, kind: str) -> Kind | None:
        """Look a kind up; None if the cluster doesn't know it (yet)."""
        with self._lock:
            if not any(found["kind"] == kind for found in self._kinds.get(api_version, [])):
                root = "/api/" if "/" not in api_version else "/apis/"
                try:
                    self._kinds[api_version] = self.request("GET", root + api_version)["resources"]
                except ApiError as error:
                    if error.status != GONE:
                        raise
            known = self._kinds.get(api_version, [])
        for found in known:
            if found["kind"] == kind and "/" not in found["name"]:
                return Kind(
                    api_version=api_version, kind=kind, plural=found["name"], namespaced=found["namespaced"]
                )
        return None

    def get(self, kind: Kind, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object, None if there is none."""
        try:
            return self.request("GET", kind.path(namespace, name))
        except ApiError as error:
            if error.status == GONE:
                return None
            raise

    def list(self, kind: Kind, namespace: str | None, selector: str) -> list[dict[str, Any]]:
        """Return the objects that a label selector matches."""
        found = self.request("GET", kind.path(namespace), query={"labelSelector": selector})
        return found.get("items") or []

    def apply(
        self, kind: Kind, body: dict[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        """Apply an object on the server side, as the owner of exactly the fields that `body` holds."""
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Warn"}
        if dry_run:
            query["dryRun"] = "All"
        metadata = body["metadata"]
        path = kind.path(metadata.get("namespace"), metadata["name"])
        return self.request("PATCH", path, query=query, body=body, content="application/apply-patch+yaml")

    def delete(self, kind: Kind, namespace: str | None, name: str, *, propagation: str) -> None:
        """Ask for an object's deletion; one that is gone already is deleted."""
        try:
            self.request("DELETE", kind.path(namespace, name), body={"propagationPolicy": propagation})
        except ApiError as error:
            if error.status != GONE:
                raise

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        content: str = "application/json",
    ) -> dict[str, Any]:
        """Send a request; return the JSON that comes back."""
        _, url, headers, _, _ = self._client.param_serialize(method, path, auth_settings=["BearerToken"])
        headers |= {"Accept": "application/json", "Content-Type": content}
        if query:
            url += "?" + urlencode(query)
        # The client itself only knows how to write plain JSON.
        payload = body if body is None or content == "application/json" else json.dumps(body)
        try:
            response: Any = self._client.call_api(
                method, url, headers, body=payload, _request_timeout=(CONNECT, ANSWER)
            )
            data: bytes = response.read()
        except (self._client_error, urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable(self.kubeconfig, error) from error
        if response.status >= 400:  # noqa: PLR2004
            raise _refusal(response.status, data.decode(errors="replace"))
        return json.loads(data)


def _client(kubeconfig: Kubeconfig) -> tuple[Any, type[Exception]]:
    # Imported when it is needed: it takes most of a second, and the engine starts plugins that it never asks.
    from kubernetes import config  # noqa: PLC0415
    from kubernetes.client import ApiClient, ApiException, Configuration  # noqa: PLC0415

    configuration = Configuration()
    try:
        if kubeconfig.path:
            config.load_kube_config(kubeconfig.path, kubeconfig.context, configuration, persist_config=False)
        else:
            config.load_kube_config_from_dict(
                kubeconfig.content, kubeconfig.context, configuration, persist_config=False
            )
    except (config.ConfigException, OSError, ValueError) as error:
        raise unreachable(kubeconfig, error) from error
    configuration.retries = _RETRIES
    # One for each operation that the engine runs at once.
    configuration.connection_pool_maxsize = 64
    # The client raises its own error only for TLS; what the server says comes as a response.
    return ApiClient(configuration), ApiException


def unreachable(kubeconfig: Kubeconfig, error: Exception) -> Refused:
    """Say that the cluster can't be reached: which context, which server, and what to do."""
    reason = getattr(error, "reason", None) or error
    text = str(reason).split(": ", 1)[-1].strip() if isinstance(reason, Exception) else str(reason)
    return Refused(
        f"configured Kubernetes cluster is unreachable: context {kubeconfig.context!r}, "
        f"server {kubeconfig.server}: {text}. `kubectl --context {kubeconfig.context} version` asks it; "
        f"`make cluster` starts or mends the one of this machine."
    )


def _refusal(status: int, body: str) -> ApiError:
    """Take the message out of the `Status` object that an API server answers with."""
    try:
        answer = json.loads(body)
        return ApiError(status, str(answer.get("reason", "")), str(answer.get("message") or body))
    except (ValueError, AttributeError):
        return ApiError(status, "", f"HTTP {status}: {body[:500]}")
