"""Lines and tables for people: as wide as the terminal, coloured only there, and without secrets."""

import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from release.telling.redaction import Redactor

STYLES = {
    "good": "green",
    "ok": "green",
    "done": "green",
    "failed": "red",
    "wrong": "bold red",
    "in progress": "yellow",
    "not asked": "dim",
}
"""Of the words that say how something ended, or is."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where a result is laid out; a text is redacted before that, for a folded secret is a secret too."""

    console: Console
    redactor: Redactor

    def say(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """A paragraph; a line break stays one, and nothing is cut."""
        self.console.print(Padding(self.text(text, style), (0, 0, 0, indent), expand=False))

    def raw(self, text: str, *, indent: int = 0) -> None:
        """Lines as they are, however long: what others print, and commands to paste."""
        self.console.print(self.text(textwrap.indent(text, " " * indent)), soft_wrap=True)

    def row(self, widths: Sequence[int], cells: Iterable[str | Text], style: str = "") -> None:
        """A row of a table whose columns are so wide; a cell that is longer goes on below."""
        # A table of its own, so that lines of full width can stand between two rows.
        columns = (Column(width=width, overflow="fold") for width in widths)
        table = Table(
            *columns, box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0), style=style
        )
        table.add_row(*(self.text(one, style) if isinstance(one, str) else one for one in cells))
        self.console.print(table)

    def text(self, text: str, style: str = "") -> Text:
        """A text for a cell."""
        return Text(self.redactor.text(text), style=style, overflow="fold")

    def word(self, text: str) -> Text:
        """A word with the colour of what it says."""
        return self.text(text, STYLES.get(text, ""))


def open_page(redactor: Redactor) -> Page:
    """Standard output."""
    return Page(console=Console(file=sys.stdout, highlight=False), redactor=redactor)
