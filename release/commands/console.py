"""What all commands of the command line have in common: their words, and how they end."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer

from release.errors import ReleaseError, UsageError
from release.locking.turn import turn
from release.outcome import Outcome
from release.project import find
from release.result import Result
from release.site import Site, open_site
from release.telling import printing
from release.telling.page import Page, open_page
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from sections.mistakes import UnusableError


class Found(Protocol):
    """What a verb has found."""

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        ...

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        ...


T = TypeVar("T")
F = TypeVar("F", bound=Found)


def stacks(incomplete: str) -> list[str]:
    """Completes the name of a stack."""
    try:
        return [name for name in find(Path.cwd()).stacks if name.startswith(incomplete)]
    except ReleaseError:
        return []


StackName = Annotated[
    str, typer.Argument(metavar="STACK", help="An environment, such as staging.", autocompletion=stacks)
]
StackNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="STACK", help="Without one, all that release.", autocompletion=stacks),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask before anything is changed.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why; it stands in the stack's history.")]


def read(call: Callable[[], T]) -> T:
    """What the call returns; one message and the documented exit code where it is a user's mistake."""
    try:
        return call()
    except ReleaseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.outcome.exit_code) from None
    except UnusableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Outcome.REFUSED.exit_code) from None


def open_stack(stack: str, *, as_json: bool) -> Site:
    """The site of a stack, with a screen that leaves standard output to JSON."""
    redactor = Redactor()
    screen = Screen(stream=sys.stderr if as_json else sys.stdout, redactor=redactor)
    return open_site(stack, screen=screen, redactor=redactor)


def confirm(what: str, *, yes: bool) -> None:
    """Ask whether it is meant; `UsageError` where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            what="Nobody is here to be asked; nothing was changed",
            where="standard input is no terminal",
            remedy="Say it beforehand:  --yes",
        )
    typer.confirm(f"{what}?", abort=True, err=True)


def tell(found: F, view: Callable[[F, Page], None], redactor: Redactor, *, as_json: bool) -> Outcome:
    """Show what was found, as JSON or as people read it; what the command exits with."""
    if as_json:
        emit(found.json, redactor)
    else:
        view(found, open_page(redactor))
    return found.outcome


def emit(value: dict[str, Any], redactor: Redactor) -> None:
    """JSON on standard output, and nothing else there."""
    typer.echo(redactor.text(json.dumps(value, indent=2)))


def change(
    stack: str,
    what: str,
    verb: Callable[[Site], Result],
    *,
    yes: bool,
    as_json: bool,
    emergency: bool = False,
    first: Callable[[Site], None] = lambda _: None,
) -> None:
    """Ask, hold the turn, do it, and tell how it ended; exits with the outcome's code.

    An emergency that takes the turn stops whoever has it, so what can be refused before is asked `first`.
    """

    def run() -> Result:
        site = open_stack(stack, as_json=as_json)
        confirm(what, yes=yes)
        first(site)
        with turn(site.project, site.stack.name, emergency=emergency):
            result = verb(site)
        printing.result(result, site.screen)
        result = replace(result, undelivered=site.records.close())
        for failure in result.undelivered:
            site.screen.say(failure, "yellow")
        if as_json:
            emit(result.json, site.redactor)
        return result

    raise typer.Exit(read(run).outcome.exit_code)
