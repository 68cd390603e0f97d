"""What an image is called, and whether it is pushed: from the event that the pipeline runs for."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ci import inputs
from ci.report import Refusal, main, needed, output

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_VERSION = re.compile(
    r"v(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?:0|[1-9]\d*)(?P<pre>-[0-9A-Za-z.-]+)?"
)
_RESERVED = re.compile(r"latest$|v\d|sha-|pr-|cache-|migration-\d{8}-")
ARCHIVE = "/tmp/image.tar"  # noqa: S108  of a runner that lives for one job
_SHA_DIGITS = 12
# Branches that nobody pushes to without a review; only they may fill the cache that others build from.
_TRUSTED = ("main", "develop")


@dataclass(frozen=True)
class Event:
    """What the pipeline runs for."""

    name: str
    ref: str
    sha: str
    day: date
    pull_request: str = ""
    fork: bool = False

    @property
    def branch(self) -> str:
        """Empty for a tag or a pull request."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def tag(self) -> str:
        """Empty for a branch or a pull request."""
        return self.ref.removeprefix("refs/tags/") if self.ref.startswith("refs/tags/") else ""


def tags(event: Event) -> list[str]:
    """Names of the image, the most telling first; never `latest`, which names no release."""
    short = event.sha[:_SHA_DIGITS]
    found = [*_of_ref(event, short), f"sha-{short}"]
    if event.branch.startswith("migration/"):
        found.append(f"migration-{event.day:%Y%m%d}-{short}")
    return found


def version(event: Event) -> str:
    """What the node says it is."""
    return tags(event)[0]


def pushed(event: Event) -> bool:
    """A fork's pull request gets no token that could push, so its image is built and thrown away."""
    return not event.fork


def cache(event: Event, image: str, platform: str) -> tuple[str, str]:
    """Where layers are taken from and put; a release is built from nothing that another run has left."""
    if event.tag:
        return "", ""
    place = f"type=registry,ref={image}:cache-{platform}"
    return place, f"{place},mode=max" if event.branch in _TRUSTED else ""


def labels(event: Event, source: str) -> dict[str, str]:
    """What the image says of itself; the source is what gives the repository access to the package."""
    return {
        "org.opencontainers.image.revision": event.sha,
        "org.opencontainers.image.source": source,
        "org.opencontainers.image.version": version(event),
    }


def _of_ref(event: Event, short: str) -> list[str]:
    if event.name == "pull_request":
        return [f"pr-{event.pull_request}"]
    if event.tag:
        found = _VERSION.fullmatch(event.tag)
        if found is None:
            raise Refusal(
                f"tag {event.tag[:60]!r} is no version such as v1.2.3 or v1.2.3-rc.1: push another one"
            )
        # v1.2 is whatever is newest of it; a release candidate is not.
        series = [] if found["pre"] else [f"v{found['major']}.{found['minor']}"]
        return [event.tag, *series]
    if event.branch:
        return [branch] if (branch := _as_tag(event.branch)) else []
    raise Refusal(f"no image is made for {event.name} of {event.ref[:60]!r} ({short})")


def _as_tag(branch: str) -> str:
    # `feature/x` and `feature-x` are one name here, so the commit's own tag is what can be trusted.
    word = re.sub(r"[^A-Za-z0-9._-]+", "-", branch).lstrip(".-")[:128]
    # No branch may name its image like a release, a commit, a pull request or the cache.
    return f"branch-{word}"[:128] if _RESERVED.match(word) else word


def event(environment: Mapping[str, str], day: date) -> Event:
    """From what GitHub sets."""
    return Event(
        name=needed("GITHUB_EVENT_NAME", environment),
        ref=needed("GITHUB_REF", environment),
        sha=needed("GITHUB_SHA", environment),
        day=day,
        pull_request=environment.get("PULL_REQUEST", ""),
        fork=environment.get("FORK", "") == "true",
    )


def repository(environment: Mapping[str, str]) -> str:
    """Where the image goes, without a tag: what the caller said, else the repository's own place on GHCR."""
    if (said := environment.get("IMAGE")) and (wrong := inputs.wrong("image", said)):
        raise Refusal(f"IMAGE: {wrong}")
    return environment.get("IMAGE") or f"ghcr.io/{needed('GITHUB_REPOSITORY', environment).lower()}"


def exporter(image: str, *, push: bool) -> str:
    """What BuildKit makes: an image that has no name yet, or a file that is scanned and thrown away."""
    if push:
        return f"type=image,name={image},push-by-digest=true,name-canonical=true,push=true"
    return f"type=docker,dest={ARCHIVE}"


def plan() -> None:
    """Everything about the image as outputs."""
    now, image = event(os.environ, datetime.now(UTC).date()), repository(os.environ)
    source = f"{needed('GITHUB_SERVER_URL')}/{needed('GITHUB_REPOSITORY')}"
    output("image", image)
    output("push", str(pushed(now)).lower())
    output("exporter", exporter(image, push=pushed(now)))
    output("version", version(now))
    output("tags", "\n".join(f"{image}:{tag}" for tag in tags(now)))
    output("labels", "\n".join(f"{name}={value}" for name, value in labels(now, source).items()))
    for platform in ("amd64", "arm64"):
        source_of, target = cache(now, image, platform)
        output(f"cache_from_{platform}", source_of)
        output(f"cache_to_{platform}", target)


if __name__ == "__main__":
    main(plan)
