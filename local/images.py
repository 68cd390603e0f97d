"""Container images without a container engine: a static binary, one layer, pushed to a registry over HTTP."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import httpx

from local.errors import LocalError

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Image:
    """A static binary and how it is run. The same content always has the same digest."""

    binary: Path
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    user: str = "65532:65532"
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An image as a registry wants it."""

    layer: bytes
    config: bytes
    manifest: bytes

    @property
    def digest(self) -> str:
        """What a registry names it by."""
        return digest(self.manifest)


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def pack(image: Image, machine: str) -> Packed:
    """`machine` is the kernel's name of the processor, as `uname -m` prints it."""
    archive = _archive(image)
    ports: dict[str, dict[str, str]] = {f"{port}/tcp": {} for port in image.ports}
    # Neither a time nor a file name, so that the same binary gives the same bytes.
    layer = gzip.compress(archive, compresslevel=6, mtime=0)
    config = _json(
        {
            "architecture": ARCHITECTURES[machine],
            "os": "linux",
            "config": {
                "User": image.user,
                "Env": [f"{name}={value}" for name, value in sorted(image.env.items())],
                "Entrypoint": list(image.entrypoint),
                "Cmd": list(image.arguments),
                "ExposedPorts": ports,
                "Labels": dict(sorted(image.labels.items())),
            },
            "rootfs": {"type": "layers", "diff_ids": [digest(archive)]},
        }
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "size": len(config), "digest": digest(config)},
        "layers": [{"mediaType": LAYER, "size": len(layer), "digest": digest(layer)}],
    }
    return Packed(layer=layer, config=config, manifest=_json(manifest))


def push(packed: Packed, registry: str, repository: str, tag: str) -> str:
    """Puts an image into a registry such as `localhost:5055`; answers the manifest's digest."""
    with httpx.Client(base_url=_url(registry, repository), timeout=60, trust_env=False) as client:
        try:
            for blob in (packed.layer, packed.config):
                _push_blob(client, blob)
            answer = client.put(
                f"/manifests/{tag}", content=packed.manifest, headers={"Content-Type": MANIFEST}
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise LocalError(
                f"pushing {registry}/{repository}:{tag} failed: {error}. "
                "`make cluster` starts the registry of this machine"
            ) from error
    return packed.digest


def find(registry: str, repository: str, reference: str) -> str | None:
    """The digest behind a tag, or None when the registry knows no such tag."""
    url = f"{_url(registry, repository)}/manifests/{reference}"
    answer = httpx.head(url, headers={"Accept": MANIFEST}, timeout=10, trust_env=False)
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    answer.raise_for_status()
    return answer.headers["Docker-Content-Digest"]


def _push_blob(client: httpx.Client, blob: bytes) -> None:
    name = digest(blob)
    if client.head(f"/blobs/{name}").status_code == HTTPStatus.OK:
        return
    opened = client.post("/blobs/uploads/")
    opened.raise_for_status()
    place = opened.headers["Location"]
    put = client.put(
        httpx.URL(client.base_url).join(place),
        params=dict(httpx.URL(place).params) | {"digest": name},
        content=blob,
        headers={"Content-Type": "application/octet-stream"},
    )
    put.raise_for_status()


def _url(registry: str, repository: str) -> str:
    """Where a repository's blobs and manifests are; `registry` may end in a path: `ghcr.io/team`."""
    host, _, path = registry.partition("/")
    name, _, port = host.partition(":")
    prefix = f"{path}/" if path else ""
    if name in {"localhost", "127.0.0.1"}:
        # Not by name: `localhost` may mean ::1 first, where a published registry does not listen.
        return f"http://127.0.0.1:{port or 80}/v2/{prefix}{repository}"
    return f"https://{host}/v2/{prefix}{repository}"


def _archive(image: Image) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(image.entrypoint[0].lstrip("/"))
        entry.size = image.binary.stat().st_size
        entry.mode = 0o755
        with image.binary.open("rb") as content:
            archive.addfile(entry, content)
    return buffer.getvalue()


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
