"""Prometheus, asked one instant query at a time; whatever goes wrong is an answer too."""

import json
from collections.abc import Mapping
from typing import Any, cast

import httpx

from release.gates import Answer, QueryFailure
from release.outside.deadline import within

LIMIT_SECONDS = 5.0
"""For one query, from the first packet to the last."""
BYTES_AT_MOST = 1_000_000
"""One series is some hundred bytes."""


class Prometheus:
    """The HTTP API of a Prometheus; `http` knows its address and, where it wants one, its token."""

    def __init__(self, *, http: httpx.Client, limit: float = LIMIT_SECONDS) -> None:
        self._http = http
        self._limit = limit

    def ask(self, query: str) -> Answer:
        """The values of the series that a query gives now."""
        try:
            status, body = within(self._limit, lambda: self._post(query))
        except TimeoutError as error:
            return QueryFailure(reason=f"Prometheus gave {error}")
        except httpx.HTTPError as error:
            return QueryFailure(reason=f"Prometheus can't be asked: {error or type(error).__name__}")
        if len(body) > BYTES_AT_MOST:
            return QueryFailure(reason=f"Prometheus answered with more than {BYTES_AT_MOST:,} bytes")
        return values(status, body)

    def _post(self, query: str) -> tuple[int, bytes]:
        body = bytearray()
        # Unpacked bytes are what the limit counts, so nothing may come packed.
        headers = {"Accept-Encoding": "identity"}
        with self._http.stream(
            "POST", "/api/v1/query", data={"query": query}, headers=headers, timeout=self._limit
        ) as response:
            for chunk in response.iter_raw(16_384):
                body += chunk
                if len(body) > BYTES_AT_MOST:
                    break
        return response.status_code, bytes(body)


def values(status: int, body: bytes) -> Answer:
    """Read an answer; anything but a vector of numbers is a failure, whose reason says what came."""
    try:
        answer = cast("Mapping[str, Any]", json.loads(body))
        if status == 200 and answer["status"] == "success":  # noqa: PLR2004
            return _vector(answer)
        reason = f"{answer.get('errorType', 'error')}: {answer.get('error', '')}"[:200]
        return QueryFailure(reason=f"Prometheus refused the query with HTTP {status}: {reason}")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return QueryFailure(reason=f"Prometheus answered HTTP {status} with nothing that can be read")


def _vector(answer: Mapping[str, Any]) -> Answer:
    # Before 2.53 remarks on the query came as warnings too; a real one says that a part is missing.
    said: list[Any] = answer.get("warnings") or []
    warnings = [str(warning) for warning in said if not str(warning).startswith("PromQL info")]
    if warnings:
        return QueryFailure(reason=f"Prometheus warns that the answer isn't whole: {warnings[0]}"[:200])
    kind, result = answer["data"]["resultType"], answer["data"]["result"]
    if kind != "vector":
        return QueryFailure(reason=f"the query gave a {str(kind)[:20]}, and a gate looks at a vector")
    return tuple(_number(series["value"]) for series in result)


def _number(sample: list[Any]) -> float:
    _, text = sample
    if not isinstance(text, str):
        raise TypeError(text)
    return float(text)
