"""An S3 bucket over HTTP, served by moto: a stand-in for the service, not the service itself.

It takes any credentials and asks for no right, unless `only_allowed` has it read IAM's policies.
"""

import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
ANYBODY = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"}
"""For whoever asks."""


@dataclass(kw_only=True)
class Served:
    """A server with one bucket."""

    address: str
    """Host and port."""
    bucket: str
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            keys = {name.lower(): value for name, value in ANYBODY.items()}
            session = boto3.Session(**keys, region_name=REGION)
            self.clients[service] = session.client(service, endpoint_url=f"http://{self.address}")
        return self.clients[service]

    def backend(self, path: str = "", **parameters: str) -> str:
        """As `PULUMI_BACKEND_URL` takes it; the parameters say how the server is entered, unless given."""
        entered = {
            "region": REGION,
            "endpoint": self.address,
            "disableSSL": "true",
            "s3ForcePathStyle": "true",
            "awssdk": "v2",
        }
        return f"s3://{self.bucket}{path}?{urlencode(parameters or entered)}"

    def put(self, key: str, content: bytes) -> None:
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)

    def below(self, prefix: str) -> list[str]:
        """The keys that begin so."""
        found = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", ())]

    @contextmanager
    def only_allowed(self, policy: str) -> Iterator[Mapping[str, str]]:
        """Credentials of somebody with this policy and no other, while the server asks for rights."""
        iam, user = self.client("iam"), f"user-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=policy)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        self._asks_after(0)
        try:
            yield {
                "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            }
        finally:
            self._asks_after(float("inf"))

    def _asks_after(self, requests: float) -> None:
        url = f"http://{self.address}/moto-api/reset-auth"
        data, headers = str(requests).encode(), {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers)).close()


@contextmanager
def serving() -> Iterator[Served]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        served = Served(address=f"{host}:{port}", bucket=f"state-{uuid.uuid4().hex[:8]}")
        served.client("s3").create_bucket(
            Bucket=served.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield served
        for client in served.clients.values():
            client.close()
    finally:
        server.stop()
