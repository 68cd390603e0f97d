"""A cluster's API, as plain JSON: of a context of the user's kubeconfig, or of a kubeconfig in the state."""

import json
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml

from release.errors import ContactLostError, NotAllowedError, RefusedError, ReleaseError

CONNECT_SECONDS, ANSWER_SECONDS = 4.0, 10.0
_GONE, _REFUSED, _FORBIDDEN = 404, 400, 403


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """How a cluster is entered; exactly one of the two."""

    context: str | None = None
    kubeconfig: str | None = None

    def __str__(self) -> str:
        """For people."""
        return f"context {self.context}" if self.context else "the stack's own cluster"

    @contextmanager
    def options(self) -> Generator[list[str]]:
        """What `helm` has to be told to enter the same cluster."""
        if self.context:
            yield ["--kube-context", self.context]
            return
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(self.kubeconfig or "")
            file.flush()
            yield ["--kubeconfig", file.name]


class Gone(ContactLostError):  # noqa: N818  an answer, not a mistake
    """There is no such object."""

    def __init__(self, path: str) -> None:
        """`path` is what the API was asked for."""
        super().__init__(
            what=f"The cluster has no {path}, or has it no more",
            where="its API",
            remedy="Look what there is:  kubectl get all --all-namespaces\nThe same command again converges.",
        )


class Kube:
    """One cluster's API; every call raises `ContactLostError` where it can't be asked."""

    def __init__(self, entrance: Entrance) -> None:
        """Read the credentials; nothing is asked yet. `RefusedError` where there are none."""
        # Imported when it is needed: it takes most of a second, and meanwhile other answers arrive.
        from kubernetes import config  # noqa: PLC0415
        from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415

        self.entrance = entrance
        settings: Any = Configuration()
        try:
            if entrance.kubeconfig:
                content = yaml.safe_load(entrance.kubeconfig)
                config.load_kube_config_from_dict(content, None, settings, persist_config=False)
            else:
                config.load_kube_config(None, entrance.context, settings, persist_config=False)
        except (config.ConfigException, OSError, ValueError, yaml.YAMLError) as error:
            raise RefusedError(
                what=f"The cluster can't be entered: {_first_line(error)}; nothing was changed",
                where=str(entrance),
                remedy="Contexts that there are:  kubectl config get-contexts\n"
                "For the cluster of this machine:  make cluster && . .local/env",
            ) from None
        settings.retries = urllib3.Retry(total=1, connect=1, read=0, redirect=0, backoff_factor=0.2)
        self.server = str(settings.host)
        self._client: Any = ApiClient(settings)

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """An object or a list; `Gone` where there is none."""
        data = self._ask("GET", path, query)
        try:
            return json.loads(data)
        except ValueError:
            raise self._refusal(f"its answer to {path} is no JSON") from None

    def find(self, path: str) -> Mapping[str, Any] | None:
        """An object; None where there is none."""
        try:
            return self.get(path)
        except Gone:
            return None

    def items(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        """The objects of a list; none where the cluster doesn't know the kind."""
        try:
            return list(self.get(path, **query).get("items") or [])
        except Gone:
            return []

    def text(self, path: str, **query: str) -> str:
        """An answer that is no JSON, such as a pod's log."""
        return self._ask("GET", path, query).decode(errors="replace")

    def create(self, path: str, made: Mapping[str, Any]) -> None:
        """Make an object."""
        self._ask("POST", path, {}, made)

    def patch(self, path: str, part: Mapping[str, Any]) -> None:
        """Merge a part into an object."""
        self._ask("PATCH", path, {}, part)

    def delete(self, path: str, *, uid: str) -> None:
        """Delete the very object that was seen, and not one that took its name; one that is gone is fine."""
        # Or else a Job's pods would stay.
        body = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        try:
            self._ask("DELETE", path, {}, body)
        except Gone:
            return

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: Any = None) -> bytes:
        payload = None if body is None else json.dumps(body)
        url = f"{path}?{urlencode(query)}" if query else path
        content = "application/merge-patch+json" if method == "PATCH" else "application/json"
        status, data = self.send(method, url, body=payload, content=content)
        if status == _GONE:
            raise Gone(path)
        if status >= _REFUSED:
            kind = NotAllowedError if status == _FORBIDDEN else ContactLostError
            raise self._refusal(f"it answered {status}: {_message(data)}", kind)
        return data

    def send(self, method: str, path: str, *, body: str | None, content: str) -> tuple[int, bytes]:
        """Status and body of an answer, whatever the status."""
        response = self._request(method, path, body, content)
        return int(response.status), bytes(response.data)

    def date(self) -> str | None:
        """What the server's clock says, as the `Date` of an answer has it."""
        return self._request("GET", "/version", None, "application/json").headers.get("Date")

    def _request(self, method: str, path: str, body: str | None, content: str) -> Any:
        _, url, headers, _, _ = self._client.param_serialize(method, path, auth_settings=["BearerToken"])
        headers |= {"Accept": "application/json, text/plain, */*", "Content-Type": content}
        try:
            # The pool itself, for the client would pack a text body into JSON once more.
            return self._client.rest_client.pool_manager.request(
                method,
                url,
                headers=headers,
                body=body,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._refusal(_first_line(getattr(error, "reason", None) or error)) from None

    def _refusal(self, reason: str, kind: type[ReleaseError] = ContactLostError) -> ReleaseError:
        name = f" --context {self.entrance.context}" if self.entrance.context else ""
        return kind(
            what=f"The cluster at {self.server} can't be asked: {reason}",
            where=str(self.entrance),
            remedy=f"Ask it yourself:  kubectl{name} version\n"
            "The cluster of this machine is started, or mended, with:  make cluster",
        )


def _message(data: bytes) -> str:
    try:
        return str(json.loads(data)["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return data[:200].decode(errors="replace")


def _first_line(error: object) -> str:
    text = str(error).rpartition(": ")[2] or type(error).__name__
    return text.partition("\n")[0].strip()[:200]
