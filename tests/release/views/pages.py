"""Pages that a test can read."""

from io import StringIO

from rich.console import Console

from release.telling.page import Page
from release.telling.redaction import Redactor


def page(*, width=80, terminal=False, secrets=()):
    """A page, and what is written on it."""
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=terminal,
        highlight=False,
        color_system="standard" if terminal else None,
    )
    return Page(console=console, redactor=Redactor(secrets)), file


def shown(view, found, **keys):
    """The lines of a view, without what is blank at their ends."""
    on, file = page(**keys)
    view(found, on)
    return [line.rstrip() for line in file.getvalue().splitlines()]
