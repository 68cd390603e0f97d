"""The command line: words in, a verb, a result out."""

from typing import Annotated

import typer

from release.commands import arguments, console, data_commands, looks
from release.commands.console import Json, Message, StackName, Yes
from release.outcome import Outcome

app = typer.Typer(
    name="release",
    help="Bring versions of the Alys node to its environments in steps, and back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: " + "; ".join(f"{one.exit_code} {one.label}" for one in Outcome) + ".",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def deploy(
    stack: StackName,
    version: Annotated[str | None, typer.Argument(help="Without one, what the stack file pins.")] = None,
    steps: Annotated[str | None, typer.Option(help="Percents such as 10,50,100.")] = None,
    soak: Annotated[str | None, typer.Option(help="How long each step is watched: 90s, 5m.")] = None,
    *,
    retry: Annotated[bool, typer.Option("--retry", help="Try a release again that is on hold.")] = False,
    message: Message = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Release a version in steps, each watched and gated; back to the last good one if any fails."""
    from release.verbs.deploy import Wish  # noqa: PLC0415
    from release.verbs.deploy import deploy as run  # noqa: PLC0415

    def wish() -> Wish:
        return Wish(
            version=arguments.version(version) if version is not None else None,
            steps=arguments.steps(steps) if steps is not None else None,
            soak_seconds=arguments.seconds(soak) if soak is not None else None,
            retry=retry,
            message=message,
        )

    wished = console.read(wish)
    what = f"Release {version or 'what the stack file pins'} to {stack}"
    console.change(stack, what, lambda site: run(site, wished), yes=yes, as_json=as_json)


@app.command()
def promote(
    stack: StackName,
    to: Annotated[int, typer.Option(min=1, max=100, help="Percent of the pods.")] = 100,
    soak: Annotated[str | None, typer.Option(help="How long each step is watched: 90s, 5m.")] = None,
    *,
    message: Message = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Go on with a release that runs on a part of the pods."""
    from release.verbs.promote import promote as run  # noqa: PLC0415

    seconds = console.read(lambda: arguments.seconds(soak) if soak is not None else None)
    console.change(
        stack,
        f"Promote what runs on {stack} to {to} %",
        lambda site: run(site, to=to, soak_seconds=seconds, message=message),
        yes=yes,
        as_json=as_json,
    )


@app.command()
def rollback(
    stack: StackName,
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="One that was good.")] = None,
    *,
    emergency: Annotated[
        bool,
        typer.Option("--emergency", help="Stop an update that runs; ask only the cluster and the state."),
    ] = False,
    message: Message = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Go back to the last good release, or to another that was good, with the flags that it had."""
    from release.verbs.rollback import once_good  # noqa: PLC0415
    from release.verbs.rollback import rollback as run  # noqa: PLC0415

    version = console.read(lambda: arguments.version(to) if to is not None else None)
    console.change(
        stack,
        f"Roll {stack} back to {to or 'its last good release'}",
        lambda site: run(site, to=version, emergency=emergency, message=message),
        yes=yes,
        as_json=as_json,
        emergency=emergency,
        first=lambda site: once_good(site, version) if emergency and version else None,
    )


for command in (*data_commands.COMMANDS, *looks.COMMANDS):
    app.command()(command)


def main() -> None:
    """Run the command line; a user's mistake is one message, never a traceback."""
    app(prog_name="release")
