"""A Kubernetes API client of the standard library alone: it runs where no virtual environment is."""

import contextlib
import http.client
import json
import ssl
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from local.cluster import addresses

JSON = dict[str, Any]
# Of a body.
KIND = "application/json"


class ApiError(Exception):
    """The API server's refusal: `status` is HTTP's, the text is the server's own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:500]}")
        self.status = status


@contextlib.contextmanager
def accepted(*statuses: int) -> Generator[None]:
    """Takes refusals of these kinds for success."""
    try:
        yield
    except ApiError as error:
        if error.status not in statuses:
            raise


class Api:
    """The embedded cluster's API server, as its administrator."""

    def __init__(self, pki: Path, seconds: float = 10) -> None:
        self._seconds = seconds
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._context.load_cert_chain(pki / "admin.crt", pki / "admin.key")

    def get(self, path: str) -> JSON:
        """One object or a list."""
        return json.loads(self.text("GET", path))

    def post(self, path: str, body: JSON) -> JSON:
        """The object as the server made it."""
        return json.loads(self.text("POST", path, body))

    def post_yaml(self, path: str, text: str) -> None:
        """Makes the object that a text describes."""
        self.text("POST", path, text, "application/yaml")

    def patch(self, path: str, body: JSON) -> JSON:
        """The object after a merge patch (RFC 7396)."""
        return json.loads(self.text("PATCH", path, body, "application/merge-patch+json"))

    def delete(self, path: str) -> None:
        """Asks for the object's end, which may come later."""
        self.text("DELETE", path)

    def text(self, method: str, path: str, body: JSON | str | None = None, kind: str = KIND) -> str:
        """The answer's text; raises `ApiError` on a refusal and `OSError` when nobody answers."""
        connection = self._connection(self._seconds)
        try:
            response = self._ask(connection, method, path, body, kind)
            return response.read().decode()
        finally:
            connection.close()

    def watch(self, path: str, seconds: int) -> Iterator[JSON]:
        """Events of a collection for so many seconds."""
        connection = self._connection(seconds + self._seconds)
        try:
            query = f"{'&' if '?' in path else '?'}watch=true&timeoutSeconds={seconds}"
            for line in self._ask(connection, "GET", path + query, None):
                yield json.loads(line)
        finally:
            connection.close()

    def _connection(self, seconds: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            addresses.NODE, addresses.API_PORT, timeout=seconds, context=self._context
        )

    def _ask(
        self,
        connection: http.client.HTTPSConnection,
        method: str,
        path: str,
        body: JSON | str | None,
        kind: str = KIND,
    ) -> http.client.HTTPResponse:
        text = json.dumps(body) if isinstance(body, dict) else body
        # Left to itself, the library takes a text for Latin-1.
        payload = text.encode() if text is not None else None
        connection.request(method, path, payload, {"Content-Type": kind})
        response = connection.getresponse()
        if response.status >= http.client.BAD_REQUEST:
            raise ApiError(response.status, response.read().decode(errors="replace"))
        return response
