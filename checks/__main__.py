"""`python -m checks STACK`: whether GitHub is as the stack file says; 0 yes, 1 no, 2 not known."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from checks import github, package
from checks.finding import CheckError, Finding
from checks.people import reviewers
from checks.repository import identity, pipelines
from sections.mistakes import UnusableError
from settings import Settings, load


def main(stack: str) -> int:
    """Ask, and print one finding a line."""
    try:
        settings = load(Path(f"Pulumi.{stack}.yaml"))
        with github.connect() as rest, package.connect() as registry:
            findings = list(_findings(stack, settings, github.Github(rest), registry))
    except (CheckError, UnusableError) as error:
        print(error, file=sys.stderr)
        return 2
    if not findings:
        print(f"Pulumi.{stack}.yaml names nothing on GitHub.")
    for finding in findings:
        print(finding)
    return 0 if all(finding.ok for finding in findings) else 1


def _findings(
    stack: str, settings: Settings, api: github.Github, registry: httpx.Client
) -> Iterator[Finding]:
    if settings.github:
        yield from reviewers(stack, settings.github, api)
    yield from identity(stack, settings, api)
    yield from pipelines(stack, settings, api)
    yield from package.access(settings, api, registry)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004  the program and the stack
        sys.exit("usage: python -m checks STACK")
    sys.exit(main(sys.argv[1]))
