"""The commands that only look: nothing is changed by any of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from release.commands import arguments, console
from release.commands.console import Found, Json, StackName, StackNames
from release.commands.console import stacks as stacks_of
from release.health.outlook import Outlook, open_outlook
from release.outcome import Outcome
from release.telling.page import Page

if TYPE_CHECKING:
    from release.verbs.plan import Planned


F = TypeVar("F", bound=Found)


def status(
    stacks: StackNames = None,
    *,
    costs: Annotated[bool, typer.Option("--costs", help="Say what each costs a month as well.")] = False,
    as_json: Json = False,
) -> None:
    """Show the stacks side by side: what is pinned, what runs, what is out of order."""
    from release.verbs.status import status as run  # noqa: PLC0415
    from release.views.status import view  # noqa: PLC0415

    _look_around(lambda outlook: run(outlook, stacks or (), costs=costs), view, as_json=as_json)


def history(
    stack: StackName,
    limit: Annotated[int, typer.Option(min=1, help="How many updates, the newest first.")] = 20,
    *,
    as_json: Json = False,
) -> None:
    """Tell every update of a stack: when, what, who, from what to what, on how many pods, how it ended."""
    from release.verbs.history import history as run  # noqa: PLC0415
    from release.views.history import view  # noqa: PLC0415

    _look_around(lambda outlook: run(outlook, stack, limit=limit), view, as_json=as_json)


def plan(
    stack: StackName,
    version: Annotated[str, typer.Argument(help="What would be released.")],
    *,
    as_json: Json = False,
) -> None:
    """Preview a release and the way back from it, and say whether that is open.

    It is where the last good release is still in the registry, with the chart of today and flags of the same
    kinds, and where no migration stands between. Exits with 11 where nobody can be sure.
    """
    from release.migration.data import no_return  # noqa: PLC0415
    from release.verbs.plan import plan as run  # noqa: PLC0415
    from release.views.plan import view  # noqa: PLC0415

    wanted = console.read(lambda: arguments.version(version))

    def planned(outlook: Outlook) -> "Planned":
        return run(outlook.site(stack), wanted, no_return=(no_return,))

    _look_around(planned, view, as_json=as_json)


def doctor(
    stack: Annotated[
        str | None,
        typer.Argument(metavar="STACK", help="Look at what it leans on as well.", autocompletion=stacks_of),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say what is wrong with tools, access, clocks and locks, and the command that mends it.

    Exits with 12 where something is.
    """
    from release.verbs.doctor import doctor as run  # noqa: PLC0415
    from release.views.doctor import view  # noqa: PLC0415

    _look_around(lambda outlook: run(outlook, stack), view, as_json=as_json)


def gate(
    stack: StackName,
    phase: Annotated[str | None, typer.Option(help="A phase of the migration; else any release's.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Ask the gates now about the version that is pinned."""
    from release.verbs.gate import gate as run  # noqa: PLC0415
    from release.views.gate import view  # noqa: PLC0415

    _look_around(lambda outlook: run(outlook.site(stack), phase=phase), view, as_json=as_json)


def verify(stack: StackName, *, as_json: Json = False) -> None:
    """Compare what runs with what is pinned: digests, readiness, flags, smoke test."""
    from release.verbs.verify import verify as run  # noqa: PLC0415
    from release.views.verify import view  # noqa: PLC0415

    _look_around(lambda outlook: run(outlook.site(stack)), view, as_json=as_json)


COMMANDS: tuple[Callable[..., None], ...] = (status, history, plan, gate, verify, doctor)
"""In the order in which `--help` lists them."""


def _look_around(verb: Callable[[Outlook], F], view: Callable[[F, Page], None], *, as_json: bool) -> None:
    def run() -> Outcome:
        outlook = open_outlook()
        return console.tell(verb(outlook), view, outlook.redactor, as_json=as_json)

    raise typer.Exit(console.read(run).exit_code)
