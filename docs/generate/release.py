"""The reference of the command line: every verb with its words, its exit codes and its JSON."""

from collections.abc import Iterator
from typing import Any

import typer

from docs.generate.release_fields import FIELDS
from release.cli import app
from release.outcome import Outcome
from release.outside import metrics, notifications
from tests.stacks import CLONE

PAGE = CLONE / "docs" / "reference" / "release.md"
VARIABLES = {
    "PULUMI_BACKEND_URL": "Where the state is; else where `pulumi login` said.",
    "KUBECONFIG": "Where a stack's Kubernetes context is looked up.",
    metrics.VARIABLE: "Address of the Prometheus that gates ask, before the one that the stack file names.",
    metrics.TOKEN_VARIABLE: "The token that it is asked with.",
    notifications.VARIABLE: "Who is told of releases: addresses as apprise takes them, with spaces between.",
    "GITHUB_TOKEN": "Records deployments in GitHub, and reads images from ghcr.io.",
    "GITHUB_REPOSITORY": "Where deployments are recorded; else where `alys:github` says.",
    "GITHUB_API_URL": "Another GitHub than github.com.",
}
_HEAD = """# `release`

Made by `make docs` from the command line itself. `release VERB --help` says the same;
`release --install-completion` completes verbs, options and the names of stacks.
"""


def page() -> str:
    """The page's text."""
    group: Any = typer.main.get_command(app)
    lines = [_HEAD, "## Exit codes\n", "| code | outcome | means |", "| --- | --- | --- |"]
    lines += [f"| {one.exit_code} | {one.label} | {one.means} |" for one in Outcome]
    lines += ["", "1 is left to what nobody foresaw.\n", "## Environment variables\n"]
    lines += ["| variable | means |", "| --- | --- |"]
    lines += [f"| `{name}` | {means} |" for name, means in VARIABLES.items()]
    for name, command in group.commands.items():
        lines += ["", *_verb(name, command)]
    return "\n".join([*lines, ""])


def _verb(name: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if not one.opts[0].startswith("-")]
    options = [one for one in command.params if one.opts[0].startswith("-")]
    words = " ".join(["release", name, *map(_word, arguments), *(["[OPTIONS]"] if options else [])])
    yield f"## `{words}`\n"
    yield "\n".join(line.strip() for line in (command.help or "").splitlines()).strip()
    yield from ("", "| word | means |", "| --- | --- |")
    yield from (f"| `{_word(one)}` | {one.help} |" for one in arguments)
    yield from (f"| {_option(one)} | {one.help}{_default(one)} |" for one in options)
    for inside, fields in FIELDS[name].items():
        yield from ("", f"With `--json`{f', each of {inside}' if inside else ''}:\n")
        yield from ("| field | means |", "| --- | --- |")
        yield from (f"| `{field}` | {means} |" for field, means in fields.items())


def _word(argument: Any) -> str:
    word = (argument.metavar or argument.name).upper() + ("..." if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {(option.metavar or option.name).upper()}"
    return ", ".join(f"`{name}{value}`" for name in option.opts)


def _default(option: Any) -> str:
    return "" if option.is_flag or option.default in {None, ""} else f" Without it {option.default}."
