"""GitHub's attestations of an image, asked for over HTTP; whatever goes wrong is an answer too."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from sigstore.errors import Error as SigstoreError
from sigstore.models import ClientTrustConfig, TrustedRoot
from sigstore.verify import Verifier

from release.outside.attestation import Answer, Missing, Unavailable, judge
from release.outside.deadline import within
from release.outside.sigstore_bundle import BYTES_AT_MOST, unpacked, verified
from sections.registry import Attestation

API = "https://api.github.com"
LIMIT_SECONDS = 30.0
"""For everything: GitHub's list, each attestation, and Sigstore's root of trust."""
HANDLED_AT_MOST = 30
"""Attestations of one image; a build makes one or two."""
_OK, _ABSENT = 200, 404


class _NoAnswerError(Exception):
    """An answer that says nothing about the image."""


def public_good() -> TrustedRoot:
    """The root of trust of Sigstore's public instance, refreshed by TUF."""
    return ClientTrustConfig.production().trusted_root


class Provenance:
    """What GitHub keeps about who built an image."""

    def __init__(
        self,
        *,
        http: httpx.Client,
        token: str = "",
        api: str = API,
        trust: Callable[[], TrustedRoot] = public_good,
        limit: float = LIMIT_SECONDS,
    ) -> None:
        """`token` may read the attestations of the repository; a public one needs none."""
        self._http = http
        self._token = token
        self._api = api
        self._trust = trust
        self._limit = limit

    def look_up(self, digest: str, wanted: Attestation) -> Answer:
        """Whether somebody whose builds are deployed built what has this digest."""
        try:
            return within(self._limit, lambda: self._look_up(digest, wanted))
        except (TimeoutError, _NoAnswerError) as error:
            return Unavailable(reason=str(error))
        except httpx.HTTPError as error:
            return Unavailable(reason=f"GitHub can't be asked: {error or type(error).__name__}")
        except (ValueError, KeyError, TypeError, AttributeError):
            return Unavailable(reason="GitHub's answer can't be read")

    def _look_up(self, digest: str, wanted: Attestation) -> Answer:
        kept = self._kept(digest, wanted.repository)
        if not kept:
            return Missing()
        bundles = [self._bundle(one) for one in kept[:HANDLED_AT_MOST]]
        try:
            verifier = Verifier(trusted_root=self._trust())
        except (SigstoreError, OSError) as error:
            raise _NoAnswerError(f"Sigstore's root of trust can't be had: {error}") from error
        return judge([verified(bundle, verifier) for bundle in bundles], digest, wanted)

    def _kept(self, digest: str, repository: str) -> list[Mapping[str, Any]]:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        url = f"{self._api}/repos/{repository}/attestations/{digest}?per_page={HANDLED_AT_MOST}"
        status, body = self._get(url, headers)
        if status == _ABSENT:
            return []
        if status != _OK:
            raise _NoAnswerError(f"GitHub answered HTTP {status}")
        return json.loads(body)["attestations"]

    def _bundle(self, kept: Mapping[str, Any]) -> bytes:
        if kept.get("bundle"):
            return json.dumps(kept["bundle"]).encode()
        # It names where it keeps the bundle; that is somebody else, who gets no token.
        status, packed = self._get(kept["bundle_url"], {})
        if status != _OK:
            raise _NoAnswerError(f"GitHub's store of attestations answered HTTP {status}")
        return unpacked(packed)

    def _get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        body = bytearray()
        # Unpacked bytes are what the limit counts, so nothing may come packed.
        sent = {**headers, "Accept-Encoding": "identity"}
        with self._http.stream("GET", url, headers=sent, timeout=self._limit) as answer:
            for chunk in answer.iter_raw(65_536):
                body += chunk
                if len(body) > BYTES_AT_MOST:
                    raise _NoAnswerError(f"GitHub answered with more than {BYTES_AT_MOST:,} bytes")
        return answer.status_code, bytes(body)


def ask(environment: Mapping[str, str], digest: str, wanted: Attestation) -> Answer:
    """GitHub about one image, with a workflow's own token where there is one."""
    token, api = environment.get("GITHUB_TOKEN", ""), environment.get("GITHUB_API_URL") or API
    with httpx.Client() as http:
        return Provenance(http=http, token=token, api=api).look_up(digest, wanted)
