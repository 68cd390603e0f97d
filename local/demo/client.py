"""A client outside the cluster that asks the Service all the time."""

import http.client
import json
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

PAUSE_SECONDS = 0.02
ANSWERS_WITHIN_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What a client got between two readings."""

    sent: int
    failed: int
    versions: dict[str, int]
    failures: list[str] = field(default_factory=list[str])


class Client:
    """Asks for `/version` on a new connection each time, one request after the other."""

    def __init__(self, url: str) -> None:
        self._host = urllib.parse.urlsplit(url).netloc
        self._lock = threading.Lock()
        self._versions: Counter[str] = Counter()
        self._failures: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def reading(self) -> Tally:
        """Take the counts since the last reading."""
        with self._lock:
            versions, self._versions = self._versions, Counter()
            failures, self._failures = self._failures, []
        sent = versions.total() + len(failures)
        return Tally(sent=sent, failed=len(failures), versions=dict(versions), failures=failures)

    def _ask_on(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            try:
                version, failure = self._ask(), None
            except (OSError, http.client.HTTPException, ValueError) as error:
                version, failure = "", f"{time.strftime('%H:%M:%S')} {type(error).__name__}: {error}"
            with self._lock:
                if failure:
                    self._failures.append(failure)
                else:
                    self._versions[version] += 1

    def _ask(self) -> str:
        connection = http.client.HTTPConnection(self._host, timeout=ANSWERS_WITHIN_SECONDS)
        try:
            connection.request("GET", "/version")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise ValueError(f"answered {answer.status}")
            return json.loads(body)["version"]
        finally:
            connection.close()
