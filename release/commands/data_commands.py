"""The commands that work on the nodes' data: phases of the migration, backups, restores."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from release.commands import arguments, console
from release.commands.console import Found, Json, Message, StackName, Yes
from release.locking.turn import turn
from release.outcome import Outcome
from release.result import Result
from release.site import Site
from release.telling.page import Page

if TYPE_CHECKING:
    from release.migration.crossing import Crossing
    from release.verbs.migrate import Wish

F = TypeVar("F", bound=Found)


def migrate(
    stack: StackName,
    phase: Annotated[
        str | None, typer.Argument(help="Next to the present one; --rehearse takes the next without it.")
    ] = None,
    steps: Annotated[str | None, typer.Option(help="Percents such as 10,50,100.")] = None,
    soak: Annotated[str | None, typer.Option(help="How long each step is watched: 90s, 5m.")] = None,
    *,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="There and back on a copy that has the newest backup's data."),
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try a phase again that is on hold.")] = False,
    message: Message = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Enter or leave a phase: gated, backed up, validated; back as the phase says if any fails.

    The plan is shown before anybody is asked. `docs/how-to/migrate.md` says what each part does.
    """
    if phase is None and not rehearse:
        raise typer.BadParameter("Which phase? migration/phases.toml has them in order.", param_hint="PHASE")
    from release.verbs import migrate as migrating  # noqa: PLC0415

    def wish() -> "Wish":
        return migrating.Wish(
            phase=phase or "",
            steps=arguments.steps(steps) if steps is not None else None,
            soak_seconds=arguments.seconds(soak) if soak is not None else None,
            retry=retry,
            message=message,
        )

    wished = console.read(wish)
    if rehearse:
        _rehearse(stack, wished, as_json=as_json)

    def verb(site: Site) -> Result:
        def agree(found: "Crossing") -> None:
            # The plan can only be shown once everything was looked at.
            migrating.show(site, found)
            console.confirm(f"Bring {stack} to {phase}", yes=yes)

        return migrating.migrate(site, wished, agree=agree)

    console.change(stack, "", verb, yes=True, as_json=as_json)


def backup(
    stack: StackName,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Whole backups that stay; of each format the newest does, too.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Back up every pod's data while it runs, read the copies whole, then delete what retention lets go."""
    from release.verbs.backup import KEEP  # noqa: PLC0415
    from release.verbs.backup import backup as run  # noqa: PLC0415
    from release.views.backups import view  # noqa: PLC0415

    _tell(stack, lambda site: run(site, keep=keep or KEEP), view, as_json=as_json)


def backups(stack: StackName, *, as_json: Json = False) -> None:
    """List the backups: phase, heights, size, and what keeps one from being restored."""
    from release.verbs.backup import backups as run  # noqa: PLC0415
    from release.views.backups import view  # noqa: PLC0415

    _tell(stack, run, view, as_json=as_json)


def restore(
    stack: StackName,
    backup: Annotated[str, typer.Argument(help="The name of one, as `release backups` lists them.")],
    *,
    message: Message = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put a backup into the place of every pod's data, and its phase into the place of the present one.

    Blocks that came after it are given up. A backup that isn't whole is refused before anything stops.
    """
    from release.verbs.restore import restore as run  # noqa: PLC0415

    console.change(
        stack,
        f"Give up every block of {stack} that is newer than {backup}",
        lambda site: run(site, backup, message=message),
        yes=yes,
        as_json=as_json,
    )


COMMANDS: tuple[Callable[..., None], ...] = (migrate, backup, backups, restore)
"""In the order in which `--help` lists them."""


def _rehearse(stack: str, wish: "Wish", *, as_json: bool) -> None:
    from release.verbs.rehearse import rehearse as run  # noqa: PLC0415
    from release.views.backups import rehearsed  # noqa: PLC0415

    _tell(stack, lambda site: run(site, wish), rehearsed, as_json=as_json)


def _tell(stack: str, verb: Callable[[Site], F], view: Callable[[F, Page], None], *, as_json: bool) -> None:
    def run() -> Outcome:
        site = console.open_stack(stack, as_json=as_json)
        # Two Jobs on one backup at a time are one too many, also where one only reads.
        with turn(site.project, site.stack.name):
            found = verb(site)
        return console.tell(found, view, site.redactor, as_json=as_json)

    raise typer.Exit(console.read(run).exit_code)
