"""What a program says to GitHub: outputs for the next step, the run's summary, and why it stops."""

import argparse
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn


class Refusal(Exception):  # noqa: N818  no error: it is the answer
    """The answer is no; the message says what is wrong and how it is mended."""


def output(name: str, value: str) -> None:
    """Hand a value to the steps and jobs that come after."""
    delimiter = f"end-{uuid.uuid4()}"
    _append("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    print(f"{name}: {value}")


def summary(text: str) -> None:
    """Add Markdown to the page of the run."""
    _append("GITHUB_STEP_SUMMARY", text.rstrip() + "\n\n")


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown; what stands in a cell can't leave it."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def needed(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """A variable that the workflow has to set."""
    value = environment.get(name, "")
    if not value:
        raise Refusal(f"{name} is not set: the workflow's step has to name it under `env:`")
    return value


def main(program: Callable[[], None]) -> NoReturn:
    """Run a program; a refusal is an annotation of the run, an entry of its summary and exit code 1."""
    try:
        program()
    except Refusal as refusal:
        text = str(refusal)
        summary(f"**{text.splitlines()[0]}**\n\n" + "\n".join(text.splitlines()[1:]))
        print(f"::error::{_on_one_line(text)}" if os.environ.get("GITHUB_ACTIONS") else f"error: {text}")
        sys.exit(1)
    sys.exit(0)


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a") as file:
            file.write(text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _on_one_line(text: str) -> str:
    # GitHub's own way of writing what would end a command.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def choose(module: str, about: str | None, verbs: Mapping[str, Callable[[], None]]) -> NoReturn:
    """Run the verb that the command line names, as `python -m MODULE VERB`."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("what", choices=tuple(verbs))
    main(verbs[parser.parse_args().what])
