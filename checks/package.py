"""Who may pull the node's image from GHCR: the setting that GitHub has no call for.

Access to a package is granted on its settings page alone. What can be seen is whether the package follows its
repository, which grants it to whoever has the repository, and whether the pull token gets the image.
"""

import os
from collections.abc import Iterator

import httpx

from checks.finding import CheckError, Finding, bad, good
from checks.github import Github
from sections.registry import UPSTREAM, Registry
from settings import Settings

TOKEN = "REGISTRY_TOKEN"  # noqa: S105  the variable's name
ANSWERS_WITHIN_SECONDS = 20


def access(settings: Settings, github: Github, registry: httpx.Client) -> Iterator[Finding]:
    """The package's repository, and what the pull token may do."""
    if settings.release is None or not settings.release.image.startswith(f"{UPSTREAM}/"):
        return
    organization, _, name = settings.release.image.removeprefix(f"{UPSTREAM}/").partition("/")
    yield _link(organization, name, _builder(settings), github)
    if settings.registry:
        yield _pull(f"{organization}/{name}", settings.registry, registry)


def _builder(settings: Settings) -> str:
    """Who builds the image: another repository than the one that deploys it, where the stack file says so."""
    if settings.registry and settings.registry.attestation:
        return settings.registry.attestation.repository
    return settings.github.repository if settings.github else ""


def _link(organization: str, name: str, repository: str, github: Github) -> Finding:
    page = f"https://github.com/orgs/{organization}/packages/container/{name.replace('/', '%2F')}/settings"
    package = github.package(organization, name)
    if package is None:
        return bad(
            f"package {organization}/{name} is not there, or hidden from this token",
            f"push the first image with the label org.opencontainers.image.source=https://github.com/"
            f"{repository}, then grant access at\n{page}",
        )
    linked = package.repository.full_name if package.repository else "no repository"
    if linked.lower() != repository.lower():
        return bad(
            f"package {organization}/{name} belongs to {linked}, not to {repository}",
            f"connect it, and let it inherit access, at\n{page}",
        )
    return good(f"package {organization}/{name} is {package.visibility} and belongs to {repository}")


def _pull(path: str, section: Registry, registry: httpx.Client) -> Finding:
    secret = os.environ.get(TOKEN)
    if not secret:
        return bad(
            f"whether {section.username} may pull {path} is not known",
            f"export {TOKEN}=$(pulumi config get registry_token)    # then ask again",
        )
    scope = {"service": UPSTREAM, "scope": f"repository:{path}:pull"}
    try:
        granted = registry.get("/token", params=scope, auth=(section.username, secret))
        bearer = granted.json().get("token", "") if granted.is_success else ""
        tags = registry.get(f"/v2/{path}/tags/list", headers={"Authorization": f"Bearer {bearer}"})
    except httpx.HTTPError as error:
        raise CheckError(f"{registry.base_url} does not answer: {error}") from None
    if tags.is_success:
        return good(f"{section.username} may pull {path}")
    return bad(
        f"{section.username} may not pull {path}: {UPSTREAM} answered {tags.status_code}",
        "give the account Read on the package's settings page, and its token read:packages",
    )


def connect() -> httpx.Client:
    """GHCR."""
    return httpx.Client(base_url=f"https://{UPSTREAM}", timeout=ANSWERS_WITHIN_SECONDS)
