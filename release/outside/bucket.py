"""The S3 bucket of a backend, entered as its URL says: `s3://BUCKET/PATH?region=...`."""

import os
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from release.errors import ContactLostError, NotAllowedError
from release.outside.deadline import within

CONNECT_SECONDS, ANSWER_SECONDS = 3, 5
LIMIT_SECONDS = 20.0
"""For one look, with credentials, each object, and one retry of each question."""
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
"""What Go takes for true."""
_FORBIDDEN = 403
_OPENING = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An object as it was when it was read."""

    url: str
    content: bytes
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where the objects are, and how they are asked for; what is None is as the SDK finds it."""

    name: str
    prefix: str = ""
    """Before every key; empty, or it ends with a slash."""
    region: str | None = None
    profile: str | None = None
    role: str | None = None
    """The ARN of one to assume."""
    endpoint: str | None = None
    plain: bool = False
    """HTTP, not HTTPS."""
    path_style: bool = False
    """The bucket's name stands in the path, and not in the host's name."""
    anonymous: bool = False
    dualstack: bool = False
    fips: bool = False
    accelerate: bool = False

    def read(self, folder: str, *, ending: str) -> tuple[Entry, ...]:
        """What is in a folder and not below it, in the keys' order; none where there is no such folder.

        `NotAllowedError` where these credentials may not, `ContactLostError` where nobody answers in time.
        """
        # For one with such a backend: it takes half a second.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        start = f"{self.prefix}{folder}/"
        try:
            return within(LIMIT_SECONDS, lambda: self._entries(start, ending))
        except ClientError as error:
            answer: Any = error.response
            forbidden = answer["ResponseMetadata"].get("HTTPStatusCode") == _FORBIDDEN
            reason = f"{error.operation_name} was answered with {answer['Error']['Code']}"
            raise self._refusal(start, reason, NotAllowedError if forbidden else ContactLostError) from None
        except (BotoCoreError, TimeoutError, ValueError) as error:
            raise self._refusal(start, str(error), ContactLostError) from None

    def _entries(self, start: str, ending: str) -> tuple[Entry, ...]:
        with closing(self._client()) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=start, Delimiter="/"
            )
            keys = [listed["Key"] for page in pages for listed in page.get("Contents", ())]
            read = (self._entry(client, key) for key in keys if key.endswith(ending))
            return tuple(entry for entry in read if entry)

    def _entry(self, client: Any, key: str) -> Entry | None:
        try:
            found = client.get_object(Bucket=self.name, Key=key)
        except client.exceptions.NoSuchKey:
            # Deleted since it was listed.
            return None
        content = found["Body"].read()
        return Entry(url=f"s3://{self.name}/{key}", content=content, modified=found["LastModified"])

    def _client(self) -> Any:
        from botocore import UNSIGNED  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
            use_dualstack_endpoint=self.dualstack or None,
            use_fips_endpoint=self.fips or None,
            signature_version=UNSIGNED if self.anonymous else None,
            s3={
                "addressing_style": "path" if self.path_style else "virtual",
                "use_accelerate_endpoint": self.accelerate,
            },
        )
        # A session makes one client after the other.
        with _OPENING:
            session = _session(self.profile, self.region)
            keys = _assumed(session, self.role, config) if self.role else {}
            return session.client(
                "s3", endpoint_url=self.endpoint, use_ssl=not self.plain, config=config, **keys
            )

    def _refusal(self, start: str, reason: str, kind: type[ContactLostError]) -> ContactLostError:
        options = "".join(
            f" {option} {value}"
            for option, value in (
                ("--region", self.region),
                ("--profile", self.profile),
                ("--endpoint-url", self.endpoint),
            )
            if value
        )
        return kind(
            what=f"The bucket {self.name} can't be read: {' '.join(reason.split()).rstrip('.')}",
            where=f"s3://{self.name}/{start}",
            remedy=f"Ask it yourself:  aws s3 ls{options} s3://{self.name}/{start}\n"
            "The credentials need s3:ListBucket on the bucket, and s3:GetObject on what is below that.",
        )


def find(backend: str) -> Bucket | None:
    """The bucket that a backend's URL names; None for any other backend.

    The parameters are those of gocloud.dev 0.46, and `disableSSL` and an endpoint without a scheme, which
    Pulumi 3.250 takes beside them. What says something about writing alone is left aside.
    """
    parts = urlsplit(backend)
    if parts.scheme != "s3":
        return None
    query = parse_qs(parts.query)

    def text(name: str) -> str | None:
        return query.get(name, [""])[0] or None

    def flag(*names: str) -> bool:
        return any(text(name) in _TRUE for name in names)

    plain = flag("disable_https", "disableSSL")
    path = unquote(parts.path).lstrip("/")
    below = path if not path or path.endswith("/") else f"{path}/"
    return Bucket(
        name=parts.netloc,
        prefix=f"{text('prefix') or ''}{below}",
        # The SDK of the CLI knows both names, the one here only the second.
        region=text("region") or os.environ.get("AWS_REGION") or None,
        profile=text("profile"),
        role=text("role"),
        endpoint=_with_scheme(text("endpoint"), plain=plain),
        plain=plain,
        path_style=flag("use_path_style", "s3ForcePathStyle", "hostname_immutable"),
        anonymous=flag("anonymous"),
        dualstack=flag("dualstack"),
        fips=flag("fips"),
        accelerate=flag("accelerate"),
    )


def _with_scheme(endpoint: str | None, *, plain: bool) -> str | None:
    if endpoint is None:
        return None
    scheme, _, rest = endpoint.rpartition("://")
    return f"{'http' if plain else scheme or 'https'}://{rest}"


@cache
def _session(profile: str | None, region: str | None) -> Any:
    """Kept: the first client of one takes a quarter of a second, and an emergency looks again and again."""
    import boto3  # noqa: PLC0415

    return boto3.Session(profile_name=profile, region_name=region)


def _assumed(session: Any, role: str, config: Any) -> dict[str, str]:
    with closing(session.client("sts", config=config)) as client:
        keys = client.assume_role(RoleArn=role, RoleSessionName="alys-release")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
