"""The `registry` section: how the cluster gets the node's image."""

from dataclasses import dataclass

from pulumi import Input, Output, Resource

from components.aws_account import Place
from components.image_cache import ImageCache, ImageCacheArgs, cached, repositories
from components.registry_login import registry_login
from sections.registry import Registry


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """Where the cluster pulls from, and with what."""

    image: str
    login: Output[str] | None = None
    """A Docker `config.json`; None where nodes have the right themselves."""


def image_source(
    where: Place, registry: Registry | None, image: str, token: Input[str] | None
) -> ImageSource:
    """What a registry section says about an image."""
    if registry and token is not None and registry.mode == "cache":
        return ImageSource(image=cached(image, where.account, cache_prefix(where.stack, registry)))
    return ImageSource(image=image, login=registry_login(registry, image, token))


def cached_images(where: Place, registry: Registry | None) -> str | None:
    """ARN pattern of what machines bring into the cache; None where there is none."""
    if registry is None or registry.mode == "direct":
        return None
    return repositories(where.account, cache_prefix(where.stack, registry))


def cache_prefix(stack: str, registry: Registry) -> str:
    """First part of a cached image's name."""
    return registry.prefix or f"ghcr-{stack}"


def declare_registry(
    where: Place, registry: Registry, token: Input[str], key_arn: Input[str]
) -> list[Resource]:
    """Declare the cache, where there is one."""
    if registry.mode == "direct":
        return []
    args = ImageCacheArgs(
        stack=where.stack,
        account=where.account,
        prefix=cache_prefix(where.stack, registry),
        username=registry.username,
        token=token,
        key_arn=key_arn,
    )
    return [ImageCache("images", args, where.inside)]
