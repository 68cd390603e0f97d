"""The commands that only look: nothing is changed by any of them."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from release import console, printing
from release.console import Json, StackName
from release.outcome import Outcome
from release.site import Site

T = TypeVar("T")


def gate(
    stack: StackName,
    phase: Annotated[str | None, typer.Option(help="A phase of the migration; else any release's.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Ask the gates now about the version that is pinned."""
    from release.verbs.gate import gate as run  # noqa: PLC0415

    _look(stack, lambda site: run(site, phase=phase), printing.gated, as_json=as_json)


def verify(stack: StackName, *, as_json: Json = False) -> None:
    """Compare what runs with what is pinned: digests, readiness, flags, smoke test."""
    from release.verbs.verify import verify as run  # noqa: PLC0415

    _look(stack, run, printing.verified, as_json=as_json)


COMMANDS: tuple[Callable[..., None], ...] = (gate, verify)
"""In the order in which `--help` lists them."""


def _look(
    stack: str, verb: Callable[[Site], T], show: Callable[[T, bool], Outcome], *, as_json: bool
) -> None:
    outcome = console.read(lambda: show(verb(console.open_stack(stack, as_json=as_json)), as_json))
    raise typer.Exit(outcome.exit_code)
