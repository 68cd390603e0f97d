"""Which images may run: by digest, from registries that we know, never `latest`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from policy.declaration import Declaration, known
from policy.rule import Rule

LOCAL = re.compile(r"^(localhost|127\.0\.0\.1)(:[0-9]+)?/")
ALLOWED = re.compile(
    r"^(ghcr\.io/alys/|[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/|registry\.k8s\.io/|quay\.io/prometheus)"
)
"""The node's own registry, the account's cache of it, and what the cluster itself is made of."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that a resource would run; empty where it doesn't say."""

    repository: str
    tag: str
    digest: str

    @property
    def local(self) -> bool:
        """Whether this machine serves it, where a digest would change with every build."""
        return LOCAL.match(self.repository) is not None


def _by_digest(declaration: Declaration) -> Iterator[str]:
    for image in _images(declaration):
        if not image.digest and not image.local:
            yield (
                f"image {image.repository}:{image.tag} has no digest, so its tag could be moved under it; "
                "pin it with alys:digest"
            )


def _allowed_registry(declaration: Declaration) -> Iterator[str]:
    for image in _images(declaration):
        if not image.local and not ALLOWED.match(image.repository):
            yield (
                f"image {image.repository} comes from a registry that isn't allowed; "
                "mirror it, or allow the registry in policy/rules/images.py with a review"
            )


def _no_latest(declaration: Declaration) -> Iterator[str]:
    for image in _images(declaration):
        if image.tag == "latest" or not (image.tag or image.digest):
            yield f"image {image.repository} is `latest`, which moves by itself; name a version"


def _images(declaration: Declaration) -> Iterator[Image]:
    if declaration.type.startswith("kubernetes:"):
        yield from _inside(declaration.inputs)


def _inside(value: Any) -> Iterator[Image]:
    value = known(value)
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _inside(one)
    if not isinstance(value, Mapping):
        return
    for key, one in cast("Mapping[str, Any]", value).items():
        image = known(one)
        if key == "image" and isinstance(image, str):
            yield _parsed(image)
        elif key == "image" and isinstance(image, Mapping):
            yield from _of_values(cast("Mapping[str, Any]", image))
        else:
            yield from _inside(image)


def _parsed(reference: str) -> Image:
    named, _, digest = reference.partition("@")
    repository, colon, tag = named.rpartition(":")
    # A colon before the last slash belongs to the registry's port.
    if not colon or "/" in tag:
        repository, tag = named, ""
    return Image(repository=repository, tag=tag, digest=digest)


def _of_values(values: Mapping[str, Any]) -> Iterator[Image]:
    # A chart's values: `image: {repository, version or tag, digest}`.
    if not known(values.get("repository")):
        return
    registry = str(known(values.get("registry")) or "")
    repository = str(known(values["repository"]))
    yield Image(
        repository=f"{registry}/{repository}" if registry else repository,
        tag=str(known(values.get("version")) or known(values.get("tag")) or ""),
        digest=str(known(values.get("digest")) or known(values.get("sha")) or ""),
    )


BY_DIGEST = Rule(
    name="images-by-digest",
    reason="A tag can be moved after it was reviewed; a digest can't.",
    check=_by_digest,
)
ALLOWED_REGISTRY = Rule(
    name="images-from-allowed-registries",
    reason="An image from anywhere is code from anywhere.",
    check=_allowed_registry,
)
NO_LATEST = Rule(
    name="images-never-latest",
    reason="`latest` is another image tomorrow, and nothing could be rolled back to it.",
    check=_no_latest,
)
