"""The image registry, by the OCI distribution API: what a tag is now, whether a digest is still there."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx

from release.errors import RefusedError
from release.outside.deadline import within

LIMIT_SECONDS = 10.0
"""For one question, token included."""
MANIFEST_BYTES_AT_MOST = 4 * 1024 * 1024
"""What the distribution specification asks registries to take."""
_MANIFESTS = (
    # Indexes first: the digest of a multi-arch image is its index's, whatever machine asks.
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_OK, _ABSENT, _UNAUTHORIZED, _FORBIDDEN = 200, 404, 401, 403


@dataclass(frozen=True, kw_only=True)
class Found:
    """The registry has it, by this digest."""

    digest: str


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The registry answers, and hasn't got it."""


@dataclass(frozen=True, kw_only=True)
class Denied:
    """The registry doesn't say: it wants to know who asks."""


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """There is no answer to lean on."""

    reason: str


Answer = Found | Absent | Denied | Unreachable


class Registry:
    """Any registry, by the host that an image's name starts with."""

    def __init__(
        self,
        *,
        http: httpx.Client,
        logins: Mapping[str, str] | None = None,
        limit: float = LIMIT_SECONDS,
    ) -> None:
        """`logins` as `user:password`, by host."""
        self._http = http
        self._logins = dict(logins or {})
        self._limit = limit

    def look_up(self, image: str, reference: str) -> Answer:
        """What a tag or a digest of an image is now."""
        try:
            return within(self._limit, lambda: self._look_up(image, reference))
        except TimeoutError as error:
            return Unreachable(reason=str(error))
        except httpx.HTTPError as error:
            return Unreachable(reason=str(error) or type(error).__name__)
        except (ValueError, KeyError, TypeError, AttributeError):
            return Unreachable(reason="its answer can't be read")

    def _look_up(self, image: str, reference: str) -> Answer:
        host, _, path = image.partition("/")
        scheme = "http" if host.partition(":")[0] in {"localhost", "127.0.0.1"} else "https"
        url = f"{scheme}://{host}/v2/{path}/manifests/{reference}"
        headers = {"Accept": _MANIFESTS, "Accept-Encoding": "identity"}
        answer = self._http.head(url, headers=headers, timeout=self._limit)
        if answer.status_code == _UNAUTHORIZED:
            headers |= self._authorization(scheme, host, path, answer.headers.get("www-authenticate", ""))
            answer = self._http.head(url, headers=headers, timeout=self._limit)
        if answer.status_code == _OK:
            return self._digest(url, headers, answer.headers.get("docker-content-digest", ""))
        if answer.status_code == _ABSENT:
            return Absent()
        if answer.status_code in {_UNAUTHORIZED, _FORBIDDEN}:
            return Denied()
        return Unreachable(reason=f"HTTP {answer.status_code}")

    def _digest(self, url: str, headers: Mapping[str, str], said: str) -> Answer:
        if _DIGEST.fullmatch(said):
            return Found(digest=said)
        # A registry need not say it; then it is what the manifest's bytes make it.
        digest, size = hashlib.sha256(), 0
        with self._http.stream("GET", url, headers=headers, timeout=self._limit) as answer:
            if answer.status_code != _OK:
                return Unreachable(reason=f"HTTP {answer.status_code}")
            for chunk in answer.iter_raw():
                digest.update(chunk)
                size += len(chunk)
                if size > MANIFEST_BYTES_AT_MOST:
                    return Unreachable(reason="its manifest is larger than 4 MiB")
        return Found(digest=f"sha256:{digest.hexdigest()}")

    def _authorization(self, scheme: str, host: str, path: str, challenge: str) -> dict[str, str]:
        kind, _, said = challenge.partition(" ")
        wants = dict(re.findall(r'(\w+)="([^"]*)"', said))
        login = self._logins.get(host)
        own = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
        if kind.lower() == "basic":
            return {"Authorization": own} if own else {}
        realm = httpx.URL(wants["realm"])
        # A password is for the registry itself, and for nobody that it points to.
        known = (realm.scheme, realm.netloc.decode()) == (scheme, host)
        scope = wants.get("scope", f"repository:{path}:pull")
        answer = self._http.get(
            realm.copy_merge_params({"service": wants.get("service", host), "scope": scope}),
            headers={"Authorization": own} if own and known else {},
            timeout=self._limit,
        )
        if answer.status_code != _OK:
            return {}
        tokens = cast("Mapping[str, Any]", answer.json())
        return {"Authorization": f"Bearer {tokens.get('token') or tokens['access_token']}"}


def digest_to_pin(image: str, version: str, answer: Answer, *, known: str | None = None) -> str:
    """The digest of a version that is to be deployed; `known` is what it was when it was pinned before.

    Raises `RefusedError` where the tag is absent, has moved, or nothing is known of it.
    """
    where = f"{image}:{version}"
    match answer:
        case Found(digest=digest) if known and digest != known:
            raise RefusedError(
                what=f"The tag {version} has moved: it was {known} and now is {digest}; nothing was changed",
                where=where,
                remedy=(
                    "Tags stay; publish what is new under a version of its own.\n"
                    f"Was it moved on purpose?  pulumi config set alys:digest {digest}"
                ),
            )
        case Found(digest=digest):
            return digest
        case Absent():
            raise RefusedError(
                what=f"The registry has no version {version}; nothing was changed",
                where=where,
                remedy="Look for the run that was to publish it:  gh run list --branch main",
            )
        case Denied():
            raise RefusedError(
                what="The registry doesn't say to us what it has; nothing was changed",
                where=where,
                remedy=f"Log in to it:  docker login {image.partition('/')[0]}\n"
                "At ghcr.io a token that may read packages will do:  export GITHUB_TOKEN=$(gh auth token)",
            )
        case Unreachable(reason=reason):
            raise RefusedError(
                what=f"The registry can't be asked: {reason}; nothing was changed",
                where=where,
                remedy=(
                    f"See whether it answers:  curl -sSI https://{image.partition('/')[0]}/v2/\n"
                    "To go back needs no registry:  release rollback STACK --emergency"
                ),
            )


def ask(environment: Mapping[str, str], image: str, reference: str) -> Answer:
    """Any registry about one tag or digest, as who is logged in there."""
    # This machine's own registry is never behind a proxy.
    with httpx.Client(mounts={"http://localhost": None, "http://127.0.0.1": None}) as http:
        return Registry(http=http, logins=logins(environment)).look_up(image, reference)


def logins(environment: Mapping[str, str]) -> dict[str, str]:
    """`user:password` by host: those that `docker login` keeps in its file, and a workflow's own token."""
    folder = environment.get("DOCKER_CONFIG") or "~/.docker"
    try:
        kept = json.loads((Path(folder).expanduser() / "config.json").read_text())["auths"]
        found = {
            host: base64.b64decode(one["auth"], validate=True).decode()
            for host, one in kept.items()
            if "auth" in one
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # None, or with a helper that only Docker can ask.
        found = {}
    token = environment.get("GITHUB_TOKEN")
    return found | ({"ghcr.io": f"token:{token}"} if token else {})
